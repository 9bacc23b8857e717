"""A member's orders. Another member's order is not found."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from config.core.db import Ask
from config.core.errors import InvalidInput, NotFound
from mall.models import Order, OrderLine, Refund
from mall.rules.pricing import Step
from mall.selectors.pictures import url_of
from members.rules import phones

_STATUS = Order.Status
_TABS = {
    "created": Q(status=_STATUS.CREATED),
    "paid": Q(status=_STATUS.PAID),
    "shipped": Q(status=_STATUS.SHIPPED),
    "completed": Q(status__in=[_STATUS.RECEIVED, _STATUS.COMPLETED]),
    "cancelled": Q(status=_STATUS.CANCELLED),
    "refunded": Exists(Refund.objects.filter(order=OuterRef("pk"))),
}


_COUNTS = """
SELECT count(*) FILTER (WHERE status = 'created'), count(*) FILTER (WHERE status = 'paid'),
    count(*) FILTER (WHERE status = 'shipped'), count(*) FILTER (WHERE status IN ('received', 'completed')),
    count(*) FILTER (WHERE EXISTS (SELECT 1 FROM mall_refund AS refund WHERE refund.order_id = placed.id))
FROM mall_order AS placed WHERE member_id = %(member)s
"""


@dataclass(frozen=True, kw_only=True)
class OrderLineRow:
    """One line as it was bought."""

    id: int
    sku_id: int
    product_id: int
    product_name: str
    sku_label: str
    image: str
    quantity: int
    unit_price_cents: int
    member_price_cents: int | None
    goods_cents: int
    discount_cents: int
    points_discount_cents: int
    points_spent: int
    paid_cents: int
    refunded_quantity: int


@dataclass(frozen=True, kw_only=True)
class OrderCard:
    """An order in a list, with what its member can do now."""

    id: int
    number: str
    kind: str
    status: str
    status_label: str
    payable_cents: int
    points_spent: int
    refunded_cents: int
    created_at: datetime
    expires_at: datetime | None
    lines: list[OrderLineRow]
    quantity: int
    can_pay: bool
    can_cancel: bool
    can_confirm: bool
    is_priority: bool
    closed_because: str

    @property
    def ships_first(self) -> bool:
        """Whether the goods are still to leave the shop, before others."""
        return self.is_priority and self.status in (_STATUS.CREATED, _STATUS.PAID)


@dataclass(frozen=True, kw_only=True)
class OrderPage:
    """A part of the list; `next_cursor` is empty at its end."""

    orders: list[OrderCard]
    next_cursor: str


@dataclass(frozen=True)
class OrderCounts:
    """How many orders wait for what; `completed` counts received ones, `refunded` those with any refund."""

    created: int
    paid: int
    shipped: int
    completed: int
    refunded: int


@dataclass(frozen=True, kw_only=True)
class ShipmentRow:
    """A parcel."""

    carrier: str
    tracking_no: str
    shipped_at: datetime


@dataclass(frozen=True, kw_only=True)
class RefundRow:
    """A refund."""

    number: str
    cash_cents: int
    points: int
    reason: str
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class OrderDetail(OrderCard):
    """One order in full. Phone masked; `earn_points` and `earn_growth` are what was promised when it was placed."""

    channel: str
    steps: list[Step]
    goods_cents: int
    discount_cents: int
    points_discount_cents: int
    freight_cents: int
    recipient: str
    recipient_phone: str
    region: str
    address: str
    buyer_note: str
    paid_at: datetime | None
    shipped_at: datetime | None
    received_at: datetime | None
    completed_at: datetime | None
    cancelled_at: datetime | None
    shipments: list[ShipmentRow]
    refunds: list[RefundRow]
    earn_points: int
    earn_growth: int


def order_list(*, member_id: int, status: str = "", cursor: str = "", limit: int = 10) -> OrderPage:
    """The member's orders, newest first, of one tab or all. Two queries, one more to go on from a cursor."""
    orders = Order.objects.filter(_tab(status), member=member_id)
    if cursor:
        orders = orders.filter(pk__lt=_pk_of(member_id, cursor))
    sealed = ("recipient", "recipient_phone", "address", "quote", "judged_as")
    found = list(orders.order_by("-pk").defer(*sealed)[: limit + 1])
    shown = found[:limit]
    lines = _lines([order.pk for order in shown])
    return OrderPage(
        orders=[OrderCard(**_card_values(order, lines.get(order.pk, []))) for order in shown],
        next_cursor=shown[-1].number if len(found) > limit else "",
    )


def order_detail(*, member_id: int, number: str) -> OrderDetail:
    """One order of the member. Raises NotFound. Four queries."""
    order = Order.objects.filter(member=member_id, number=number).first()
    if order is None:
        raise NotFound()
    lines = _lines([order.pk]).get(order.pk, [])
    return OrderDetail(**_card_values(order, lines), **_detail_values(order))


def order_counts(*, member_id: int) -> OrderCounts:
    """How many of the member's orders are in each tab. One query."""
    return order_counts_ask(member_id=member_id).answer()


def order_counts_ask(*, member_id: int) -> Ask[OrderCounts]:
    """The question of `order_counts`."""
    return Ask(sql=_COUNTS, params={"member": member_id}, read=lambda rows: OrderCounts(*rows[0]))


def order_id_of(*, member_id: int, number: str) -> int:
    """The id behind a member's order number. Raises NotFound for anybody else's."""
    order_id = Order.objects.filter(member=member_id, number=number).values_list("pk", flat=True).first()
    if order_id is None:
        raise NotFound()
    return order_id


def _tab(status: str) -> Any:
    if not status:
        return Q()
    if status not in _TABS:
        raise InvalidInput(status="没有这种订单状态")
    return _TABS[status]


def _pk_of(member_id: int, number: str) -> int:
    try:
        return order_id_of(member_id=member_id, number=number if number.isalnum() else "")
    except NotFound as error:
        raise InvalidInput(cursor="翻页位置无效，请刷新后重试") from error


def _lines(order_ids: Sequence[int]) -> dict[int, list[OrderLineRow]]:
    by_order: dict[int, list[OrderLineRow]] = {}
    rows: QuerySet[OrderLine] = OrderLine.objects.filter(order__in=order_ids).select_related("sku").order_by("pk")
    for line in rows:
        by_order.setdefault(line.order_id, []).append(_line(line))
    return by_order


def _line(line: OrderLine) -> OrderLineRow:
    return OrderLineRow(
        id=line.pk,
        sku_id=line.sku_id,
        product_id=line.sku.product_id,
        product_name=line.product_name,
        sku_label=line.sku_label,
        image=url_of(line.image),
        quantity=line.quantity,
        unit_price_cents=line.unit_price_cents,
        member_price_cents=line.member_price_cents,
        goods_cents=line.goods_cents,
        discount_cents=line.discount_cents,
        points_discount_cents=line.points_discount_cents,
        points_spent=line.points_spent,
        paid_cents=line.paid_cents,
        refunded_quantity=line.refunded_quantity,
    )


def _card_values(order: Order, lines: list[OrderLineRow]) -> dict[str, Any]:
    is_closed_by_refund = order.status == _STATUS.CANCELLED and order.paid_at is not None
    return {
        "id": order.pk,
        "number": order.number,
        "kind": order.kind,
        "status": order.status,
        "status_label": "已退款" if is_closed_by_refund else order.get_status_display(),
        "payable_cents": order.payable_cents,
        "points_spent": order.points_spent,
        "refunded_cents": order.refunded_cents,
        "created_at": order.created_at,
        "expires_at": order.expires_at if order.status == _STATUS.CREATED else None,
        "lines": lines,
        "quantity": sum(line.quantity for line in lines),
        "can_pay": order.status == _STATUS.CREATED,
        "can_cancel": order.status == _STATUS.CREATED,
        "can_confirm": order.status == _STATUS.SHIPPED,
        "is_priority": order.is_priority,
        "closed_because": order.closed_because,
    }


def _detail_values(order: Order) -> dict[str, Any]:
    plain = (
        "channel",
        "goods_cents",
        "discount_cents",
        "points_discount_cents",
        "freight_cents",
        "recipient",
        "region",
    )
    times = ("paid_at", "shipped_at", "received_at", "completed_at", "cancelled_at")
    shipments = order.shipments.order_by("pk").values("carrier", "tracking_no", "shipped_at")
    refunds = order.refunds.order_by("pk").values("number", "cash_cents", "points", "reason", "created_at")
    return {name: getattr(order, name) for name in (*plain, *times, "address", "buyer_note")} | {
        "steps": [Step(**step) for step in order.quote.get("steps", [])],
        "recipient_phone": phones.masked(order.recipient_phone) if order.recipient_phone else "",
        "shipments": [ShipmentRow(**row) for row in shipments],
        "refunds": [RefundRow(**row) for row in refunds],
        "earn_points": order.quote.get("earn_points", 0),
        "earn_growth": order.quote.get("earn_growth", 0),
    }
