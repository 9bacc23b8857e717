"""Unpaid orders that owe their price, or that they could be placed at all, to a plan whose fee goes back."""

from datetime import datetime

from django.db.models import Q

from config.core.db import transaction_required
from mall.models import Order, PlanOrder
from mall.services import orders, plan_time
from members.selectors.merging import current_member_id
from members.selectors.plans import had_plan


@transaction_required
def unpaid_on(*, fee: Order) -> list[Order]:
    """The unpaid orders that hang on what this plan order bought, locked: a payment of them is waited for, and what it
    paid is none of them. Orders are locked before stock and accounts; the plan order is locked already."""
    if fee.member_id is None:
        return []
    member_id = current_member_id(member_id=fee.member_id)
    plan_id = PlanOrder.objects.values_list("plan_id", flat=True).get(order=fee)
    theirs = Order.objects.filter(Q(member=member_id) | Q(member__merged_into=member_id), quote__plan_id=plan_id)
    unpaid = theirs.filter(status=Order.Status.CREATED).select_for_update(of=("self",)).order_by("pk")
    ref = plan_time.ref_of(fee)
    return [
        order for order in unpaid if not had_plan(member_id=member_id, plan_id=plan_id, at=order.created_at, beside=ref)
    ]


@transaction_required
def close_unpaid(*, fee: Order, at: datetime) -> None:
    """Cancel them: goods, points and promotions go back, and money that still arrives does, too."""
    for order in unpaid_on(fee=fee):
        orders.close(order_id=order.pk, because=Order.Closed.FEE_RETURNED, at=at)
