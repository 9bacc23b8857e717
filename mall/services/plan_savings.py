"""Telling the members' room what paid membership saved on an order, and what refunds take back of it."""

from datetime import datetime

from django.db.models import Sum

from config.core.db import transaction_required
from mall.models import Order, OrderLine
from members.services import savings


@transaction_required
def completed(*, order: Order, at: datetime) -> None:
    """A member's order is completed: what membership saved on it counts from now on, less what went back before."""
    parts = order.quote.get("plan_saving") or {}
    discount, freight = parts.get("discount_cents", 0), parts.get("freight_cents", 0)
    if order.member_id is None or not (discount or freight):
        return
    savings.record(
        member_id=order.member_id,
        order_ref=f"order:{order.pk}",
        order_number=order.number,
        discount_cents=discount,
        freight_cents=freight,
        at=at,
    )
    refunded(order=order, whole_order=False)


@transaction_required
def refunded(*, order: Order, whole_order: bool) -> None:
    """Goods went back: their share of the discount is saved no more, and the freight when nothing is left."""
    parts = order.quote.get("plan_saving") or {}
    if not any(parts.values()):
        return
    sums = OrderLine.objects.filter(order=order).aggregate(paid=Sum("paid_cents"), back=Sum("refunded_cents"))
    savings.take_back(
        order_ref=f"order:{order.pk}", refunded_cents=sums["back"], paid_cents=sums["paid"], whole_order=whole_order
    )
