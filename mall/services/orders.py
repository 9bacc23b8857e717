"""An order's life after it was placed: paid, shipped, received, completed, or cancelled.

Locks are taken in one order everywhere: order, stock by SKU, budgets, ledger accounts, sold counts by product,
the invitation that the order belongs to.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Sum

from config.core import policies
from config.core.db import transaction_required
from config.core.errors import DomainError, InvalidInput, NotFound
from config.outbox import publishing as outbox
from mall import ports
from mall.events import OrderCancelled, OrderCompleted, OrderPaid, OrderShipped
from mall.models import Order, OrderLine, Payment, Product, Shipment
from mall.rules.lifecycle import WORDS, Move, is_allowed
from mall.services import first_orders, plan_savings, plan_time, stock
from mall.services.judging import judged_as
from members.rules.benefits import Kind
from members.selectors.standing import standing
from members.services import benefit_uses
from points import ledger


class OrderStateConflict(DomainError):
    """The order is in a state from which that can't happen."""

    code = "order_state_conflict"
    message = "订单{status}，不能{move}"


def require_move(order: Order, move: Move) -> None:
    """Refuse a move that the order's state doesn't allow. The order is locked."""
    if not is_allowed(move=move, status=order.status):
        raise OrderStateConflict(status=order.get_status_display(), move=WORDS[move])


@transaction_required
def locked_order(*, order_id: int, member_id: int | None = None) -> Order:
    """The order, locked and fresh. Raises NotFound, also for another member's order when a member is named."""
    found = Order.objects.select_for_update(of=("self",)).filter(pk=order_id)
    if member_id is not None:
        found = found.filter(member=member_id)
    order = found.first()
    if order is None:
        raise NotFound()
    return order


@transaction_required
def mark_paid(*, order_id: int, at: datetime) -> None:
    """Book that nothing is owed any more: held points are taken, reserved goods sold, and what the order will be judged
    by is fixed. Goods of a till order change hands at once."""
    order = locked_order(order_id=order_id)
    require_move(order, Move.PAY)
    buyer = None if order.member_id is None else standing(member_id=order.member_id)
    basis = judged_as(standing=buyer, channel=order.channel, paid_at=at)
    _move(order, status=Order.Status.PAID, paid_at=at, judged_as=basis)
    stock.take(store_id=order.store_id, quantities=stocked_quantities(order))
    if order.hold_id is not None:
        ledger.capture(hold=order.hold_id, at=at)
    _count_sold(order.pk)
    first_orders.paid(order=order, at=at)
    outbox.publish(OrderPaid(order_id=order.pk, member_id=order.member_id, paid_at=at))
    if order.kind == Order.Kind.PLAN:
        plan_time.activate(order=order, at=at)
        _complete(order, at, received_at=at)
    if order.channel == Order.Channel.POS:
        _complete(order, at, shipped_at=at, received_at=at)


@transaction_required
def cancel(*, order_id: int, at: datetime, member_id: int | None = None) -> None:
    """Give up an unpaid order: goods, points and promotions go back. `member_id` None: the shop cancels."""
    order = locked_order(order_id=order_id, member_id=member_id)
    require_move(order, Move.CANCEL)
    _give_up(order, at)


@transaction_required
def close(*, order_id: int, because: str, at: datetime) -> None:
    """Give up an unpaid order that can't be paid any more, and keep why: its member reads it."""
    order = locked_order(order_id=order_id)
    require_move(order, Move.CANCEL)
    _give_up(order, at, closed_because=because)


@transaction_required
def cancel_if_overdue(*, order_id: int, at: datetime) -> bool:
    """Cancel the order when its time to pay has run out; False when it has not, or somebody works on it right now."""
    overdue = Order.objects.filter(pk=order_id, status=Order.Status.CREATED, expires_at__lte=at)
    order = overdue.select_for_update(skip_locked=True, of=("self",)).first()
    if order is None:
        return False
    _give_up(order, at)
    return True


@transaction_required
def mark_shipped(*, order_id: int, carrier: str, tracking_no: str, at: datetime) -> None:
    """Book that the goods left the warehouse, with carrier and tracking number."""
    carrier, tracking_no = _shipping_label(carrier, tracking_no)
    order = locked_order(order_id=order_id)
    require_move(order, Move.SHIP)
    Shipment.objects.create(order=order, carrier=carrier, tracking_no=tracking_no, shipped_at=at)
    _move(order, status=Order.Status.SHIPPED, shipped_at=at)
    outbox.publish(OrderShipped(order_id=order.pk, member_id=order.member_id, shipped_at=at))


@transaction_required
def confirm_receipt(*, order_id: int, at: datetime, member_id: int | None = None) -> None:
    """Book that the goods arrived; the order is completed at once unless the shop waits some days."""
    order = locked_order(order_id=order_id, member_id=member_id)
    require_move(order, Move.RECEIVE)
    if policies.current().completed_after_received_days == 0:
        _complete(order, at, received_at=at)
    else:
        _move(order, status=Order.Status.RECEIVED, received_at=at)


@transaction_required
def complete_if_due(*, order_id: int, at: datetime) -> bool:
    """Complete a received order when the shop's wait is over; False when it is not, or somebody works on it now."""
    waited = at - timedelta(days=policies.current().completed_after_received_days)
    due = Order.objects.filter(pk=order_id, status=Order.Status.RECEIVED, received_at__lte=waited)
    order = due.select_for_update(skip_locked=True, of=("self",)).first()
    if order is None:
        return False
    _complete(order, at)
    return True


def stocked_quantities(order: Order) -> dict[int, int]:
    """Units of the order by SKU that a shelf holds: none of a membership plan."""
    return {} if order.kind == Order.Kind.PLAN else sku_quantities(order_id=order.pk)


def sku_quantities(*, order_id: int) -> dict[int, int]:
    """Units of the order by SKU."""
    rows = (
        OrderLine.objects.filter(order=order_id)
        .values_list("sku_id")
        .annotate(units=Sum("quantity"))
        .order_by("sku_id")
    )
    return dict(rows)


def _move(order: Order, **columns: Any) -> None:
    """The conditional update behind every change of state; the lock makes it certain, the condition makes it safe."""
    moved = Order.objects.filter(pk=order.pk, status=order.status).update(**columns)
    if moved != 1:
        raise OrderStateConflict(status=order.get_status_display(), move="变更")
    for name, value in columns.items():
        setattr(order, name, value)


def _give_up(order: Order, at: datetime, **columns: str) -> None:
    _move(order, status=Order.Status.CANCELLED, cancelled_at=at, **columns)
    Payment.objects.filter(order=order, status=Payment.Status.CREATED).update(status=Payment.Status.CLOSED)
    stock.release(store_id=order.store_id, quantities=stocked_quantities(order))
    ports.promotions().release(order_id=order.pk)
    benefit_uses.give_back(kind=Kind.FREE_SHIPPING, source=f"order:{order.pk}")
    if order.hold_id is not None:
        ledger.release(hold=order.hold_id, at=at)
    outbox.publish(OrderCancelled(order_id=order.pk, member_id=order.member_id, cancelled_at=at))


def _complete(order: Order, at: datetime, **columns: datetime) -> None:
    _move(order, status=Order.Status.COMPLETED, completed_at=at, **columns)
    first_orders.completed(order=order, at=at)
    plan_savings.completed(order=order, at=at)
    outbox.publish(OrderCompleted(order_id=order.pk, member_id=order.member_id, completed_at=at))


def _count_sold(order_id: int) -> None:
    """Add to the products' sold counts, in product order so that two payments never wait for each other in a ring.

    Last of all locks: an order that points pay holds its account before it is paid.
    """
    rows = OrderLine.objects.filter(order=order_id).values_list("sku__product_id").annotate(units=Sum("quantity"))
    for product_id, units in rows.order_by("sku__product_id"):
        Product.objects.filter(pk=product_id).update(sold_count=F("sold_count") + units)


def _shipping_label(carrier: str, tracking_no: str) -> tuple[str, str]:
    carrier, tracking_no = carrier.replace("\0", "").strip(), tracking_no.replace("\0", "").strip()
    wrong = {}
    if not 1 <= len(carrier) <= 20:
        wrong["carrier"] = "请填写快递公司（20 字以内）"
    if not 1 <= len(tracking_no) <= 40:
        wrong["tracking_no"] = "请填写运单号（40 字以内）"
    if wrong:
        raise InvalidInput(**wrong)
    return carrier, tracking_no
