"""What a ledger entry is called in front of a member."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Wording:
    """A title, and the icon beside it."""

    title: str
    icon: str


_EARNED = {
    "order": Wording(title="消费得积分", icon="shopping-cart"),
    "checkin": Wording(title="每日签到", icon="calendar-check"),
    "member": Wording(title="新会员礼", icon="user-plus"),
    "birthday": Wording(title="生日礼", icon="cake"),
}
_BY_KIND = {
    "earn": Wording(title="活动赠送", icon="gift"),
    "spend": Wording(title="积分兑换", icon="gift"),
    "capture": Wording(title="积分兑换", icon="gift"),
    "hold": Wording(title="下单冻结", icon="lock"),
    "release": Wording(title="取消解冻", icon="lock-open"),
    "restore": Wording(title="退回积分", icon="arrow-back-up"),
    "clawback": Wording(title="退款扣回", icon="receipt-refund"),
    "expire": Wording(title="积分到期", icon="hourglass"),
    "repay": Wording(title="抵扣欠分", icon="repeat"),
    "adjust": Wording(title="人工调整", icon="adjustments-horizontal"),
}
_OTHER = Wording(title="积分变动", icon="coins")


def wording(*, kind: str, source: str) -> Wording:
    """How an entry of that kind reads; what was earned is called after what earned it."""
    if kind == "earn":
        return _EARNED.get(source.partition(":")[0], _BY_KIND["earn"])
    return _BY_KIND.get(kind, _OTHER)
