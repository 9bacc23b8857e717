"""Paid membership in the demo: the plans, who buys, tries or is given one, and a batch of gift cards."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from members.models import GiftCardBatch, Plan, PlanBenefit
from members.services import gift_cards

# days ago at which somebody buys which plan
BUYERS = {
    "周一诺": ((40, "quarter"),),
    "林深见鹿": ((43, "year"),),
    "何以解忧": ((42, "year"),),
    "晨跑的鹿": ((38, "month"), (7, "month")),
    "远山淡影": ((44, "month"),),
}
TRIERS = {"七月流火"}
GIFTED = {"橘子汽水", "桂花酒酿"}


@dataclass(frozen=True, kw_only=True)
class _Gain:
    kind: str
    value: str | None
    title: str
    subtitle: str
    icon: str


_DISCOUNT = _Gain(kind="discount", value="0.95", title="95 折", subtitle="全场商品", icon="discount")
_POINTS = _Gain(kind="points_multiplier", value="1.50", title="1.5 倍积分", subtitle="消费返积分", icon="coins")
_FREIGHT = _Gain(kind="free_shipping", value="4", title="每月 4 次包邮", subtitle="不限金额", icon="truck-delivery")
_BIRTHDAY = _Gain(kind="birthday_gift", value=None, title="生日礼", subtitle="生日当天送积分", icon="cake")

_PRICE = _Gain(kind="member_price", value=None, title="会员价", subtitle="部分商品再优惠", icon="tag")
_EARLY = _Gain(kind="early_access", value="48", title="提前购", subtitle="新品提前 48 小时", icon="clock")
_URGENT = _Gain(kind="priority_shipping", value=None, title="优先发货", subtitle="订单优先出库", icon="package")


def _welcome(points: str) -> _Gain:
    return _Gain(kind="welcome_gift", value=points, title="开卡礼", subtitle=f"送 {points} 积分", icon="gift")


_PLANS = (
    ("month", "云杉月卡", "month", 1990, 2900, 7, "none", 0, "#3f4f46", (_DISCOUNT, _FREIGHT)),
    (
        "quarter",
        "云杉季卡",
        "quarter",
        4990,
        8700,
        0,
        "pro_rata",
        15,
        "#2f4560",
        (_DISCOUNT, _FREIGHT, _PRICE, _EARLY, _welcome("200")),
    ),
    (
        "year",
        "云杉年卡",
        "year",
        15900,
        23800,
        0,
        "minus_savings",
        30,
        "#3b2f20",
        (_DISCOUNT, _POINTS, _FREIGHT, _PRICE, _EARLY, _URGENT, _BIRTHDAY, _welcome("500")),
    ),
)


def add_plans() -> None:
    """The plans on sale, with what each gives."""
    for position, row in enumerate(_PLANS, start=1):
        code, name, kind, price, list_price, trial, rule, days, color, gains = row
        plan = Plan.objects.create(
            code=code,
            name=name,
            kind=kind,
            price_cents=price,
            list_price_cents=list_price,
            trial_days=trial,
            refund_rule=rule,
            refund_days=days,
            color=color,
            position=position,
            is_active=True,
        )
        PlanBenefit.objects.bulk_create(_benefit(plan, place, gain) for place, gain in enumerate(gains))


def _benefit(plan: Plan, position: int, gain: _Gain) -> PlanBenefit:
    return PlanBenefit(
        plan=plan,
        kind=gain.kind,
        value=None if gain.value is None else Decimal(gain.value),
        title=gain.title,
        subtitle=gain.subtitle,
        icon=gain.icon,
        position=position,
    )


def issue_gift_cards(*, operator_id: int, at: datetime) -> list[str]:
    """Codes of a batch that was just exported; another batch waits to be."""
    season = Plan.objects.get(code="quarter")
    GiftCardBatch.objects.create(name="年会答谢礼卡", plan=season, quantity=50, expires_at=at + timedelta(days=270))
    batch = GiftCardBatch.objects.create(name="老客答谢月卡", plan=Plan.objects.get(code="month"), quantity=12)
    return gift_cards.export(batch_id=batch.pk, user_id=operator_id, at=at)
