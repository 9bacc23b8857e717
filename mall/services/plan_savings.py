"""Telling the members' room what paid membership saved on an order, and what refunds take back of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, Q

from config.core.db import transaction_required
from config.core.money import proportional_part
from mall.models import Order, OrderLine
from members.selectors.plans import BoughtTime
from members.services import savings
from members.services.savings import SavedOn


@transaction_required
def completed(*, order: Order, at: datetime) -> None:
    """A member's order is completed: what membership saved on it counts from now on, less what went back before."""
    parts = order.quote.get("plan_saving") or {}
    discount, freight = parts.get("discount_cents", 0), parts.get("freight_cents", 0)
    if order.member_id is None or not (discount or freight):
        return
    saved = SavedOn(
        member_id=order.member_id,
        order_ref=f"order:{order.pk}",
        order_number=order.number,
        plan_id=order.quote.get("plan_id"),
        placed_at=order.created_at,
    )
    savings.record(saved=saved, discount_cents=discount, freight_cents=freight, at=at)
    refunded(order=order, whole_order=False)


@transaction_required
def refunded(*, order: Order, whole_order: bool) -> None:
    """Goods went back: the discount on them is saved no more, and the freight when nothing is left."""
    parts = order.quote.get("plan_saving") or {}
    if not any(parts.values()):
        return
    gone = _gone(list(OrderLine.objects.filter(order=order).order_by("pk")), parts)
    savings.take_back(order_ref=f"order:{order.pk}", discount_cents=gone, whole_order=whole_order)


@transaction_required
def under_way(*, member_id: int, time: BoughtTime) -> int:
    """What that plan saved the member on orders placed in that time that are paid and not completed, net of refunds:
    it counts as saved only later, but they have it already. Two queries."""
    unfinished = [Order.Status.PAID, Order.Status.SHIPPED, Order.Status.RECEIVED]
    by_plan = Q(quote__plan_id=time.plan_id) | Q(quote__plan_id=None) | Q(quote__plan_id__isnull=True)
    placed = Order.objects.filter(by_plan, member=member_id, status__in=unfinished, created_at__gte=time.starts_at)
    if time.ends_at is not None:
        placed = placed.filter(created_at__lt=time.ends_at)
    placed = placed.only("quote")
    lines = Prefetch("lines", OrderLine.objects.order_by("pk"))
    return sum(_left(order) for order in placed.order_by("pk").prefetch_related(lines))


def _left(order: Order) -> int:
    parts = order.quote.get("plan_saving") or {}
    discount, freight = parts.get("discount_cents", 0), parts.get("freight_cents", 0)
    return int(discount - _gone(list(order.lines.all()), parts) + freight)


def _gone(lines: Sequence[OrderLine], parts: Mapping[str, Any]) -> int:
    """The discount on what went back so far: line by line, since goods differ in what the plan saves on them.

    Orders that were placed before lines were noted lose it by their share of the cash.
    """
    if saved := parts.get("lines"):
        pairs = zip(saved, lines, strict=True)
        return sum(proportional_part(cents, line.refunded_quantity, line.quantity) for cents, line in pairs)
    paid, back = sum(line.paid_cents for line in lines), sum(line.refunded_cents for line in lines)
    return proportional_part(parts.get("discount_cents", 0), back, paid) if paid else 0
