"""A walk through paid membership: tried, bought, upgraded, given back; a gift card."""

from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from config.core.keeping import forget_all
from mall.models import Order
from members.models import GiftCardBatch, MembershipSaving, Plan, PlanBenefit, User
from members.services import gift_cards

if TYPE_CHECKING:
    from tests.api.walk import Walk


def walk_plans(walk: "Walk") -> None:
    """Everything an app does about paid membership."""
    plan = Plan.objects.create(
        code="year",
        name="年度会员",
        kind="year",
        price_cents=9900,
        list_price_cents=18000,
        trial_days=7,
        welcome_words="开卡即送 500 积分",
        refund_rule="minus_savings",
        refund_days=7,
        is_active=True,
    )
    PlanBenefit.objects.create(
        plan=plan, kind="discount", value=Decimal("0.90"), title="会员 9 折", subtitle="全场商品"
    )
    forget_all()
    (shown,) = walk.call("get_plans", "plans/")["items"]
    walk.call("post_trial", f"plans/{plan.pk}/trial/")
    placed = walk.call(
        "post_plan_orders",
        f"plans/{plan.pk}/orders/",
        {"expected_payable_cents": shown["price_cents"], "refund_terms": shown["refund_terms"]},
    )
    number = placed["number"]
    walk.pay(number)
    _saved_something(number)
    walk.call("get_savings", "membership/savings/")
    back = walk.call("get_fee_refund", f"orders/{number}/fee-refund/")["cash_cents"]
    walk.call("post_fee_refund", f"orders/{number}/fee-refund/", {"expected_cash_cents": back})
    walk.call("post_gift_cards", "gift-cards/activations/", {"code": _a_code(plan)})
    walk.call("get_membership", "membership/")


def _saved_something(number: str) -> None:
    MembershipSaving.objects.create(
        member_id=Order.objects.values_list("member", flat=True).get(number=number),
        order_ref="order:0",
        order_number=number,
        kind="discount",
        cents=1990,
        placed_at=timezone.now(),
        at=timezone.now(),
    )


def _a_code(plan: Plan) -> str:
    staff = User.objects.create_user(username="gifts", password="gifts-password-1", is_staff=True)
    batch = GiftCardBatch.objects.create(name="年会礼品", plan=plan, quantity=1)
    with transaction.atomic():
        return gift_cards.export(batch_id=batch.pk, user_id=staff.pk, at=timezone.now())[0]
