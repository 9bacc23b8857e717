"""What members are told about their orders. The key names the step: a fact that comes twice is told once."""

from datetime import datetime
from typing import Any

from config.core.db import transaction_required
from config.core.money import yuan
from mall.models import Order, OrderLine, Refund, Shipment
from members.services.messages import send


@transaction_required
def tell_paid(*, order_id: int, at: datetime) -> None:
    """The order was paid; who stands at the till knows that."""
    order = _order(order_id)
    if order is None or order.channel == Order.Channel.POS or order.kind == Order.Kind.PLAN:  # told as a membership
        return
    paid = _amount(cents=order.payable_cents, points=order.points_spent)
    _send(order, "order_paid", "paid", {"goods": _goods(order_id), "paid": paid}, at)


@transaction_required
def tell_shipped(*, order_id: int, at: datetime) -> None:
    """The goods left the warehouse, with whom and under which number."""
    order = _order(order_id)
    shipment = Shipment.objects.filter(order=order_id).order_by("-pk").first()
    if order is None or shipment is None:
        return
    said = {"goods": _goods(order_id), "carrier": shipment.carrier, "tracking": shipment.tracking_no}
    _send(order, "order_shipped", f"shipped:{shipment.pk}", said, at)


@transaction_required
def tell_completed(*, order_id: int, at: datetime) -> None:
    """Nothing is outstanding any more."""
    order = _order(order_id)
    if order is not None and order.kind != Order.Kind.PLAN:
        _send(order, "order_completed", "completed", {"goods": _goods(order_id)}, at)


@transaction_required
def tell_refunded(*, order_id: int, refund_id: int, at: datetime) -> None:
    """Money or points are on their way back."""
    order = _order(order_id)
    refund = Refund.objects.filter(pk=refund_id).first()
    if order is None or refund is None:
        return
    returned = _amount(cents=refund.cash_cents, points=refund.points)
    _send(order, "order_refunded", f"refunded:{refund_id}", {"refund": returned}, at)


@transaction_required
def tell_closed(*, order_id: int, at: datetime) -> None:
    """The shop's rules closed an unpaid order; who cancels one, or lets its time pass, is told nothing."""
    order = _order(order_id)
    if order is not None and order.closed_because == Order.Closed.FEE_RETURNED:
        _send(order, "order_closed", "closed", {"goods": _goods(order_id)}, at)


def _order(order_id: int) -> Order | None:
    """The order, when a member placed it."""
    return Order.objects.filter(pk=order_id, member__isnull=False).defer("quote", "judged_as").first()


def _send(order: Order, template: str, step: str, said: dict[str, Any], at: datetime) -> None:
    assert order.member_id is not None
    context = {"order": order.number, **said}
    send(member_id=order.member_id, template=template, context=context, key=f"order:{order.pk}:{step}", at=at)


def _goods(order_id: int) -> str:
    """The first product, and how many pieces there are in all."""
    lines = OrderLine.objects.filter(order=order_id).order_by("pk").values_list("product_name", "quantity")
    pieces = sum(quantity for _, quantity in lines)
    name = lines[0][0] if lines else "订单"
    return f"{name[:40]} 等 {pieces} 件" if pieces > 1 else name[:50]


def _amount(*, cents: int, points: int) -> str:
    parts = [yuan(cents)] if cents or not points else []
    return " + ".join([*parts, f"{points:,} 积分"] if points else parts)
