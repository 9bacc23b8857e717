"""A shop that sells memberships, and what its shopper has bought of them."""

from decimal import Decimal

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from config.core.keeping import forget_all
from mall.models import Order
from mall.services import plan_orders, sandbox_cashier
from members.models import MembershipSaving, Plan, PlanBenefit
from tests.browser.scenes import World

_BENEFITS = (
    ("discount", Decimal("0.9"), "会员 9 折", "全场商品", "discount"),
    ("points_multiplier", Decimal(2), "双倍积分", "消费返积分", "coins"),
    ("free_shipping", None, "全年包邮", "不限金额", "truck-delivery"),
    ("monthly_coupons", None, "每月券包", "优惠券上线后发放", "ticket"),
)


def with_plans(world: World, name: str) -> str:
    """The address of that page, after a month and a year were put on sale and the world's member bought the month."""
    year = Plan.objects.filter(code="year").first() or _open_sale(world)
    forget_all()
    if name == "mall:plan-buy":
        return reverse(name, args=[year.pk]) + "?upgrade=1"
    if name == "mall:fee-refund":
        return reverse(name, args=[Order.objects.get(kind="plan", member=world.member).number])
    return reverse(name)


def _open_sale(world: World) -> Plan:
    month = Plan.objects.create(
        code="month", name="月度会员", kind="month", price_cents=1500, is_active=True, trial_days=7, position=0
    )
    year = Plan.objects.create(
        code="year",
        name="年度会员",
        kind="year",
        price_cents=9900,
        list_price_cents=18000,
        welcome_words="开卡即送 500 积分",
        is_active=True,
        position=1,
    )
    Plan.objects.update(refund_rule="minus_savings", refund_days=7)
    for plan, count in ((month, 2), (year, 4)):
        for position, (kind, value, title, subtitle, icon) in enumerate(_BENEFITS[:count]):
            PlanBenefit.objects.create(
                plan=plan, kind=kind, value=value, title=title, subtitle=subtitle, icon=icon, position=position
            )
    _buy(world, month)
    return year


def _buy(world: World, month: Plan) -> None:
    at = timezone.now()
    with transaction.atomic():
        order = plan_orders.place_plan_order(
            member_id=world.member.pk,
            plan_id=month.pk,
            is_upgrade=False,
            channel="h5",
            submit_key="scene-plan",
            expected_payable_cents=1500,
            at=at,
        )
        sandbox_cashier.pay(order_id=order.order_id, member_id=world.member.pk, at=at)
        for number, (kind, cents) in enumerate((("discount", 1990), ("freight", 800))):
            MembershipSaving.objects.create(
                member=world.member,
                order_ref=f"scene:{number}",
                order_number=world.orders["completed"].number,
                kind=kind,
                cents=cents,
                placed_at=at,
                at=at,
            )
