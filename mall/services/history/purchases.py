"""Purchases of a history become completed orders."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from config.core.db import fetch_all, transaction_required
from config.core.random_numbers import public_number
from mall.models import Order
from mall.rules.history.calendar import shanghai
from mall.rules.history.rows import Invoice, Line
from mall.services.history.catalogue import KnownSku
from mall.services.history.started import mark
from mall.services.judging import judged_as
from members.selectors.standing import Standing, standings

_COLUMNS = (
    "order_id, sku_id, product_name, sku_label, image, quantity, unit_price_cents, goods_cents, discount_cents,"
    " points_discount_cents, points_spent, paid_cents, refunded_quantity, refunded_cents, refunded_points"
)


@dataclass(frozen=True, kw_only=True)
class Books:
    """What every wave of one import needs."""

    source: str
    weeks: int
    campaigns: str
    store_id: int
    members: Mapping[str, int]
    skus: Mapping[str, KnownSku]


@transaction_required
def record_purchases(*, invoices: Sequence[Invoice], books: Books) -> list[int]:
    """Ids of the orders made of those invoices that no order stands for yet.

    They are paid and completed at the invoice's time, and judged by the member's standing now: the caller records a
    member's steps one after the other.
    """
    numbers = [invoice.number for invoice in invoices]
    known = set(
        Order.objects.filter(source=books.source, external_ref__in=numbers).values_list("external_ref", flat=True)
    )
    fresh = [invoice for invoice in invoices if invoice.number not in known]
    if not fresh:
        return []
    ids = _order_ids(len(fresh))
    judged = standings(member_ids=[books.members[i.customer] for i in fresh if i.customer])
    rows = [_order(pk, invoice, books, judged) for pk, invoice in zip(ids, fresh, strict=True)]
    Order.objects.bulk_create(rows, batch_size=500)
    _copy_lines(list(zip(ids, fresh, strict=True)), books.skus)
    return ids


def _order_ids(count: int) -> list[int]:
    sql = "SELECT nextval(pg_get_serial_sequence('mall_order', 'id')) FROM generate_series(1, %(count)s)"
    return [row[0] for row in fetch_all(sql, {"count": count})]


def _order(pk: int, invoice: Invoice, books: Books, judged: Mapping[int, Standing]) -> Order:
    at = shanghai(invoice.at, weeks=books.weeks)
    member_id = books.members[invoice.customer] if invoice.customer else None
    judged_by = judged_as(standing=judged.get(member_id or 0), channel=Order.Channel.POS, paid_at=at)
    return Order(
        pk=pk,
        number=public_number(18),
        status=Order.Status.COMPLETED,
        member_id=member_id,
        store_id=books.store_id,
        channel=Order.Channel.POS,
        source=books.source,
        external_ref=invoice.number,
        goods_cents=invoice.cents,
        payable_cents=invoice.cents,
        judged_as=judged_by | mark(weeks=books.weeks, campaigns=books.campaigns),
        created_at=at,
        paid_at=at,
        shipped_at=at,
        received_at=at,
        completed_at=at,
    )


def _copy_lines(orders: Sequence[tuple[int, Invoice]], skus: Mapping[str, KnownSku]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY mall_orderline ({_COLUMNS}) FROM STDIN") as copy:
        for order_id, invoice in orders:
            for line in invoice.lines:
                copy.write_row(_line(order_id, line, skus[line.code]))


def _line(order_id: int, line: Line, sku: KnownSku) -> tuple[Any, ...]:
    priced = (line.quantity, line.unit_cents, line.cents, 0, 0, 0, line.cents)
    return (order_id, sku.id, sku.name, sku.label, sku.image, *priced, 0, 0, 0)
