"""Refunds by line and quantity: money and points go back as they were allocated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from config.core.db import transaction_required
from config.core.errors import DomainError, InvalidInput, NotFound
from config.core.random_numbers import public_number
from config.outbox import publishing as outbox
from mall import ports
from mall.events import OrderRefunded
from mall.models import Order, OrderLine, Refund, RefundLine
from mall.rules.keys import is_key
from mall.rules.lifecycle import Move
from mall.rules.refunds import ReturnPlan, SoldLine, plan_return
from mall.services import first_orders, orders, plan_prices, plan_savings, plan_time, stock
from points import ledger


class NothingToRefund(DomainError):
    """No line and quantity was named."""

    code = "nothing_to_refund"
    message = "请选择要退款的商品和数量"
    http_status = 400
    field = "lines"


class RefundQuantityTooLarge(DomainError):
    """More units than are left with the buyer."""

    code = "refund_quantity_too_large"
    message = "「{name}」最多还能退 {available} 件"
    field = "quantity"


class RefundKeyReused(DomainError):
    """The key of a refund that was made came with other lines."""

    code = "refund_key_reused"
    message = "该退款标识已用于另一笔退款"


@dataclass(frozen=True, kw_only=True)
class RefundPreviewLine:
    """What comes back of one line."""

    line_id: int
    product_name: str
    sku_label: str
    quantity: int
    cash_cents: int
    points: int


@dataclass(frozen=True, kw_only=True)
class RefundPreview:
    """Every consequence of a refund. `cash_cents` = `goods_cents` + `freight_cents`."""

    lines: tuple[RefundPreviewLine, ...]
    cash_cents: int
    goods_cents: int
    freight_cents: int
    points_back: int
    points_clawed_back: int
    growth_clawed_back: int
    whole_order: bool
    closing: tuple[str, ...] = ()  # numbers of unpaid orders that hang on the plan that is given back


@dataclass(frozen=True, kw_only=True)
class RefundDone:
    """The refund that stands now."""

    refund_id: int
    number: str
    cash_cents: int
    points: int


@transaction_required
def preview_refund(*, order_id: int, lines: Mapping[int, int], at: datetime) -> RefundPreview:
    """What `refund` would do now, by the same arithmetic; nothing is changed. Raises what `refund` raises."""
    order = orders.locked_order(order_id=order_id)
    closing = plan_prices.unpaid_on(fee=order) if order.kind == Order.Kind.PLAN else []
    sold = _sold(order)
    plan = _plan(order, sold, lines, at)
    consequences = ports.promotions().preview_refund(order_id=order.pk, refund_cents=plan.goods_cents)
    names = {line.pk: line for line in sold}
    return RefundPreview(
        lines=tuple(
            RefundPreviewLine(
                line_id=line.line_id,
                product_name=names[line.line_id].product_name,
                sku_label=names[line.line_id].sku_label,
                quantity=line.quantity,
                cash_cents=line.cash_cents,
                points=line.points,
            )
            for line in plan.lines
        ),
        cash_cents=plan.cash_cents,
        goods_cents=plan.goods_cents,
        freight_cents=plan.freight_cents,
        points_back=plan.points,
        points_clawed_back=consequences.points_clawed_back,
        growth_clawed_back=consequences.growth_clawed_back,
        whole_order=plan.whole_order,
        closing=tuple(one.number for one in closing),
    )


@transaction_required
def refund(*, order_id: int, lines: Mapping[int, int], key: str, reason: str, at: datetime) -> RefundDone:
    """Give back `lines` (quantities by line id): cash as allocated, points into their lots, unshipped goods on sale.

    The same key returns the same refund. An order that comes back whole before it is completed is closed. Raises
    NotFound, NothingToRefund, RefundQuantityTooLarge, RefundKeyReused, OrderStateConflict.
    """
    reason = _checked_reason(reason)
    if not is_key(key):
        raise InvalidInput(key="退款标识无效，请刷新页面")
    order = orders.locked_order(order_id=order_id)
    if done := _done_before(order, lines, key):
        return done
    if order.kind == Order.Kind.PLAN:
        plan_prices.close_unpaid(fee=order, at=at)  # first: what is being paid this moment counts as saved
    sold = _sold(order)
    plan = _plan(order, sold, lines, at)
    made = _book(order, plan, key=key, reason=reason, at=at)
    if order.status == Order.Status.PAID:
        stock.put_back(store_id=order.store_id, quantities=_units_by_sku(sold, plan))
    if plan.whole_order and order.status != Order.Status.COMPLETED:
        ports.promotions().release(order_id=order.pk)
        Order.objects.filter(pk=order.pk).update(status=Order.Status.CANCELLED, cancelled_at=at)
    if plan.points and order.hold is not None and order.hold.closing_entry_id is not None:
        spent = order.hold.closing_entry_id
        ledger.reverse(entry=spent, key=f"refund:{made.pk}:spent", at=at, points=plan.points, reason="order_refunded")
    if order.kind == Order.Kind.PLAN:
        plan_time.give_back(order=order, at=at)
    whole, goods_cents = plan.whole_order, plan.goods_cents
    plan_savings.refunded(order=order, whole_order=whole)
    first_orders.refunded(order=order, refund_id=made.pk, goods_cents=goods_cents, whole_order=whole, at=at)
    outbox.publish(
        OrderRefunded(order_id=order.pk, refund_id=made.pk, cash_cents=goods_cents, whole_order=whole, at=at)
    )
    return _as_done(made)


def _done_before(order: Order, lines: Mapping[int, int], key: str) -> RefundDone | None:
    made = Refund.objects.filter(order=order, key=key).first()
    if made is None:
        return None
    booked = dict(made.lines.values_list("line_id", "quantity"))
    if booked != {line: quantity for line, quantity in lines.items() if quantity}:
        raise RefundKeyReused()
    return _as_done(made)


def _sold(order: Order) -> list[OrderLine]:
    return list(OrderLine.objects.filter(order=order).order_by("pk"))


def _plan(order: Order, sold: Sequence[OrderLine], lines: Mapping[int, int], at: datetime) -> ReturnPlan:
    """The one arithmetic behind preview and refund; of a membership fee the agreed rule says what comes back."""
    orders.require_move(order, Move.REFUND)
    _require_returnable(sold, lines)
    if order.kind == Order.Kind.PLAN:
        return plan_time.fee_return(order=order, line_id=sold[0].pk, at=at)
    return plan_return(
        sold=[_as_sold(line) for line in sold],
        returning=lines,
        freight_cents=order.freight_cents,
        was_shipped=order.status != Order.Status.PAID,
    )


def _require_returnable(sold: Sequence[OrderLine], lines: Mapping[int, int]) -> None:
    by_id = {line.pk: line for line in sold}
    if set(lines) - set(by_id):
        raise NotFound()
    if not any(lines.values()):
        raise NothingToRefund()
    for line_id, quantity in lines.items():
        line = by_id[line_id]
        left = line.quantity - line.refunded_quantity
        if not 0 <= quantity <= left:
            raise RefundQuantityTooLarge(name=line.product_name, available=left)


def _book(order: Order, plan: ReturnPlan, *, key: str, reason: str, at: datetime) -> Refund:
    made = Refund.objects.create(
        order=order,
        number=public_number(16),
        key=key,
        cash_cents=plan.cash_cents,
        freight_cents=plan.freight_cents,
        points=plan.points,
        reason=reason,
        created_at=at,
    )
    RefundLine.objects.bulk_create(
        RefundLine(
            refund=made, line_id=line.line_id, quantity=line.quantity, cash_cents=line.cash_cents, points=line.points
        )
        for line in plan.lines
    )
    for line in plan.lines:
        OrderLine.objects.filter(pk=line.line_id).update(
            refunded_quantity=F("refunded_quantity") + line.quantity,
            refunded_cents=F("refunded_cents") + line.cash_cents,
            refunded_points=F("refunded_points") + line.points,
        )
    Order.objects.filter(pk=order.pk).update(refunded_cents=F("refunded_cents") + plan.cash_cents)
    return made


def _units_by_sku(sold: Sequence[OrderLine], plan: ReturnPlan) -> dict[int, int]:
    sku_of = {line.pk: line.sku_id for line in sold}
    units: dict[int, int] = {}
    for line in plan.lines:
        sku_id = sku_of[line.line_id]
        units[sku_id] = units.get(sku_id, 0) + line.quantity
    return units


def _as_sold(line: OrderLine) -> SoldLine:
    return SoldLine(
        line_id=line.pk,
        quantity=line.quantity,
        paid_cents=line.paid_cents,
        points_spent=line.points_spent,
        refunded_quantity=line.refunded_quantity,
        refunded_cents=line.refunded_cents,
        refunded_points=line.refunded_points,
    )


def _as_done(made: Refund) -> RefundDone:
    return RefundDone(refund_id=made.pk, number=made.number, cash_cents=made.cash_cents, points=made.points)


def _checked_reason(reason: str) -> str:
    reason = reason.replace("\0", "").strip()
    if len(reason) > 100:
        raise InvalidInput(reason="原因最多 100 字")
    return reason
