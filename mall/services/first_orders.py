"""Telling the members' room about orders of newcomers: for whoever invited them, and for the channel they came by."""

from datetime import datetime

from config.core.db import transaction_required
from mall.models import Order
from members.services import channels, invitations


@transaction_required
def paid(*, order: Order, at: datetime) -> None:
    """A member's order was paid. Redemptions are no purchases, and walk-ins were invited by nobody."""
    if order.member_id is None or order.kind != Order.Kind.SALE:
        return
    cents = order.payable_cents - order.freight_cents
    invitations.first_order_paid(member_id=order.member_id, order_id=order.pk, cents=cents, at=at)
    channels.order_paid(member_id=order.member_id, order_id=order.pk, cents=cents, at=at)


@transaction_required
def completed(*, order: Order, at: datetime) -> None:
    """Nothing is outstanding any more: the wait for returns begins."""
    if order.member_id is not None and order.kind == Order.Kind.SALE:
        invitations.first_order_completed(order_id=order.pk, at=at)


@transaction_required
def refunded(*, order: Order, refund_id: int, goods_cents: int, whole_order: bool, at: datetime) -> None:
    """Goods went back; `goods_cents` without freight."""
    if order.member_id is None or order.kind != Order.Kind.SALE:
        return
    invitations.order_refunded(
        order_id=order.pk, refund_id=refund_id, cents=goods_cents, whole_order=whole_order, at=at
    )
    channels.order_refunded(order_id=order.pk, cents=goods_cents)
