"""What a ledger entry is called in front of a member."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from config.core.time import local_date


@dataclass(frozen=True, kw_only=True)
class Wording:
    """A title, the icon beside it, and a word on how it stands."""

    title: str
    icon: str
    note: str = ""


_EARNED = {
    "order": Wording(title="消费得积分", icon="shopping-cart"),
    "checkin": Wording(title="每日签到", icon="calendar-check"),
    "member": Wording(title="新会员礼", icon="user-plus"),
    "birthday": Wording(title="生日礼", icon="cake"),
    "birthday_gift": Wording(title="生日礼", icon="cake"),
    "tier_up_gift": Wording(title="升级礼", icon="crown"),
    "welcome_gift": Wording(title="开卡礼", icon="gift"),
    "profile": Wording(title="完善资料", icon="user"),
    "invitation": Wording(title="邀请有礼", icon="users"),
    "share": Wording(title="好友浏览分享", icon="share-3"),
    "import": Wording(title="旧系统积分转入", icon="file-text"),
}
_BY_KIND = {
    "earn": Wording(title="活动赠送", icon="gift"),
    "confirm": Wording(title="积分生效", icon="circle-check"),
    "spend": Wording(title="积分兑换", icon="gift"),
    "capture": Wording(title="积分兑换", icon="gift"),
    "hold": Wording(title="下单使用", icon="shopping-cart"),
    "release": Wording(title="未付款退回", icon="arrow-back-up"),
    "restore": Wording(title="退回积分", icon="arrow-back-up"),
    "clawback": Wording(title="退款扣回", icon="receipt-refund"),
    "expire": Wording(title="积分到期", icon="hourglass"),
    "repay": Wording(title="抵扣欠分", icon="repeat"),
    "adjust": Wording(title="人工调整", icon="adjustments-horizontal"),
    "merge_in": Wording(title="合并账号转入", icon="users"),
    "merge_out": Wording(title="合并账号转出", icon="users"),
    "close": Wording(title="账号注销", icon="circle-x"),
}
_HOLDS = {"open": "待付款", "released": "已退回"}
_OTHER = Wording(title="积分变动", icon="coins")


def wording(*, kind: str, source: str, hold_status: str | None = None) -> Wording:
    """How an entry of that kind reads; what was earned is called after what earned it."""
    if kind == "earn":
        return _EARNED.get(source.partition(":")[0], _BY_KIND["earn"])
    words = _BY_KIND.get(kind, _OTHER)
    return replace(words, note=_HOLDS.get(hold_status or "", ""))


def last_day(expires_at: datetime) -> date:
    """The last Shanghai day on which points that expire then can be used."""
    return local_date(expires_at - timedelta(microseconds=1))


def days_left(expires_at: datetime, *, at: datetime) -> int:
    """Shanghai days until points that expire then are gone: 0 on their last day."""
    return (last_day(expires_at) - local_date(at)).days
