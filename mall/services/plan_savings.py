"""Telling the members' room what paid membership saved on an order, and what refunds take back of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from config.core.db import transaction_required
from config.core.money import proportional_part
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
    """Goods went back: the discount on them is saved no more, and the freight when nothing is left."""
    parts = order.quote.get("plan_saving") or {}
    if not any(parts.values()):
        return
    savings.take_back(order_ref=f"order:{order.pk}", discount_cents=_gone(order, parts), whole_order=whole_order)


def _gone(order: Order, parts: Mapping[str, Any]) -> int:
    """The discount on what went back so far: line by line, since goods differ in what the plan saves on them.

    Orders that were placed before lines were noted lose it by their share of the cash.
    """
    lines = list(OrderLine.objects.filter(order=order).order_by("pk"))
    if saved := parts.get("lines"):
        pairs = zip(saved, lines, strict=True)
        return sum(proportional_part(cents, line.refunded_quantity, line.quantity) for cents, line in pairs)
    paid, back = sum(line.paid_cents for line in lines), sum(line.refunded_cents for line in lines)
    return proportional_part(parts.get("discount_cents", 0), back, paid) if paid else 0
