"""What an order for a plan does to the member's paid time: adds it when paid, takes it back when refunded."""

from datetime import datetime

from config.core.db import transaction_required
from mall.models import Order, PlanOrder
from mall.rules.refunds import ReturnedLine, ReturnPlan
from mall.services import plan_savings
from members.rules import plans as rules
from members.rules.plans import RefundTerms
from members.selectors.merging import current_member_id
from members.selectors.plans import bought_time, had_plan, paid_time
from members.services import subscriptions
from members.services.locks import lock_members


def ref_of(order: Order) -> str:
    """How the members' room names the order."""
    return f"order:{order.pk}"


@transaction_required
def is_outdated(*, order: Order, at: datetime) -> bool:
    """Whether an unpaid order can't be kept any more, so that its money goes back.

    Of a plan: the account is closed or has a membership for life by now, or the time that an upgrade counted is not
    what it was. Of goods: the plan that made it cheaper, or possible, was given back.
    """
    if order.status != Order.Status.CREATED or order.member_id is None:
        return False
    member_id = current_member_id(member_id=order.member_id)
    if order.kind != Order.Kind.PLAN:
        plan_id = order.quote.get("plan_id")
        return plan_id is not None and not had_plan(member_id=member_id, plan_id=plan_id, at=order.created_at)
    member = lock_members([member_id])[member_id]
    left = paid_time(member_id=member_id, at=order.created_at)
    if member.status != member.Status.ACTIVE or any(one.ends_at is None for one in left):
        return True
    bought = PlanOrder.objects.get(order=order)
    return bought.is_upgrade and rules.upgrade_credit(stretches=left, at=order.created_at) != bought.credit_cents


def why_outdated(*, order: Order) -> str:
    """What an outdated order is closed because of."""
    return Order.Closed.MEMBERSHIP_CHANGED if order.kind == Order.Kind.PLAN else Order.Closed.FEE_RETURNED


@transaction_required
def activate(*, order: Order, at: datetime) -> None:
    """Add the paid plan's time by the terms that the member saw."""
    assert order.member_id is not None
    bought = PlanOrder.objects.get(order=order)
    subscriptions.activate(
        member_id=current_member_id(member_id=order.member_id),
        plan_id=bought.plan_id,
        order_ref=ref_of(order),
        paid_cents=order.payable_cents,
        key=f"{ref_of(order)}:plan",
        at=at,
        terms=RefundTerms(bought.refund_rule, bought.refund_days),
        is_upgrade=bought.is_upgrade,
    )


@transaction_required
def fee_return(*, order: Order, line_id: int, at: datetime) -> ReturnPlan:
    """What of the fee comes back by the agreed rule. Raises FeeNotRefundable."""
    quote = subscriptions.refund_quote(order_ref=ref_of(order), at=at, under_way_cents=_under_way(order))
    line = ReturnedLine(line_id=line_id, quantity=1, cash_cents=quote.refund_cents, points=0)
    return ReturnPlan(lines=(line,), freight_cents=0, whole_order=True)


@transaction_required
def give_back(*, order: Order, at: datetime) -> None:
    """End the time that the order bought."""
    subscriptions.cancel_with_refund(order_ref=ref_of(order), at=at, under_way_cents=_under_way(order))


def _under_way(order: Order) -> int:
    """What the plan's time saved on orders that are paid and not completed."""
    time = bought_time(order_ref=ref_of(order))
    if time is None or order.member_id is None:
        return 0
    return plan_savings.under_way(member_id=order.member_id, time=time)
