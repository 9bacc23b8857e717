"""An order as campaigns judge it: as of `paid_at`, on the cash that the buyer paid for goods and has not got back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Prefetch

from config.core import policies
from config.core.errors import NotFound
from mall.models import Order, OrderLine


@dataclass(frozen=True, kw_only=True)
class FactLine:
    """One line: what was paid for it, and what of that went back."""

    line_id: int
    sku_id: int
    product_id: int
    category_id: int
    quantity: int
    goods_cents: int
    paid_cents: int
    refunded_cents: int


@dataclass(frozen=True, kw_only=True)
class OrderFacts:
    """What giving and taking back is decided on. `earn_base_cents` is net of refunds up to now; 0 for redemptions."""

    order_id: int
    number: str
    kind: str
    status: str
    member_id: int | None
    store_id: int
    channel: str
    paid_at: datetime | None
    completed_at: datetime | None
    tier_code: str | None
    tier_name: str
    points_multiplier: Decimal
    goods_paid_cents: int
    refunded_goods_cents: int
    earn_base_cents: int
    lines: tuple[FactLine, ...]


def judgement(*, order_id: int) -> OrderFacts:
    """The order's facts, in two queries. Raises NotFound."""
    found = judgements(order_ids=[order_id])
    if order_id not in found:
        raise NotFound()
    return found[order_id]


def judgements(*, order_ids: Sequence[int]) -> dict[int, OrderFacts]:
    """Facts by order id, in two queries, however many orders; unknown ids are left out."""
    lines = OrderLine.objects.select_related("sku__product").order_by("pk")
    orders = Order.objects.filter(pk__in=order_ids).prefetch_related(Prefetch("lines", queryset=lines))
    return {order.pk: _facts(order) for order in orders.order_by("pk")}


def _facts(order: Order) -> OrderFacts:
    lines = tuple(_fact(line) for line in order.lines.all())
    paid, refunded = sum(line.paid_cents for line in lines), sum(line.refunded_cents for line in lines)
    return OrderFacts(
        order_id=order.pk,
        number=order.number,
        kind=order.kind,
        status=order.status,
        member_id=order.member_id,
        store_id=order.store_id,
        channel=order.channel,
        paid_at=order.paid_at,
        completed_at=order.completed_at,
        tier_code=order.judged_as.get("tier_code"),
        tier_name=order.judged_as.get("tier_name", ""),
        points_multiplier=Decimal(order.judged_as.get("points_multiplier", "1")),
        goods_paid_cents=paid,
        refunded_goods_cents=refunded,
        earn_base_cents=paid - refunded if _earns(order) else 0,
        lines=lines,
    )


def _earns(order: Order) -> bool:
    """Purchases do, redemptions don't, and membership fees where the shop says so."""
    return order.kind == Order.Kind.SALE or (order.kind == Order.Kind.PLAN and policies.current().plans_earn_points)


def _fact(line: OrderLine) -> FactLine:
    return FactLine(
        line_id=line.pk,
        sku_id=line.sku_id,
        product_id=line.sku.product_id,
        category_id=line.sku.product.category_id,
        quantity=line.quantity,
        goods_cents=line.goods_cents,
        paid_cents=line.paid_cents,
        refunded_cents=line.refunded_cents,
    )
