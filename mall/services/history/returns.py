"""Credit notes of a history become refunds of the orders that the goods came from."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from config.core.db import fetch_all, transaction_required
from config.core.random_numbers import public_number
from mall.models import Order, OrderLine, Refund, RefundLine
from mall.rules.history.calendar import shanghai
from mall.rules.history.returns import ReturnedLine
from mall.rules.history.rows import Invoice
from mall.services.history.purchases import Books

_ADD_TO_LINES = """
UPDATE mall_orderline AS line
SET refunded_quantity = line.refunded_quantity + back.quantity, refunded_cents = line.refunded_cents + back.cents
FROM unnest(%(ids)s::bigint[], %(quantities)s::int[], %(cents)s::bigint[]) AS back (id, quantity, cents)
WHERE line.id = back.id
RETURNING line.id
"""
_ADD_TO_ORDERS = """
UPDATE mall_order SET refunded_cents = mall_order.refunded_cents + back.cents
FROM unnest(%(ids)s::bigint[], %(cents)s::bigint[]) AS back (id, cents)
WHERE mall_order.id = back.id
RETURNING mall_order.id
"""


@dataclass(slots=True)
class _Part:
    """What one credit note takes back from one order: (quantity, cents) by line number in the file."""

    note: Invoice
    order: Order
    lines: dict[int, tuple[int, int]] = field(default_factory=lambda: defaultdict(lambda: (0, 0)))


@transaction_required
def record_returns(
    *, returns: Sequence[tuple[Invoice, list[ReturnedLine]]], invoices: Mapping[str, Invoice], books: Books
) -> list[int]:
    """Ids of the refunds made of those credit notes that no refund stands for yet; one for every order touched."""
    wanted = {part.invoice for _, parts in returns for part in parts}
    orders = {
        order.external_ref: order
        for order in Order.objects.filter(source=books.source, external_ref__in=wanted).order_by("pk")
    }
    known = set(
        Refund.objects.filter(order__in=orders.values(), source=books.source).values_list("external_ref", "order_id")
    )
    parts = [part for part in _parts(returns, orders) if (part.note.number, part.order.pk) not in known]
    if not parts:
        return []
    refunds = Refund.objects.bulk_create([_refund(part, books) for part in parts])
    line_ids = _line_ids({part.order.pk: invoices[part.order.external_ref] for part in parts})
    RefundLine.objects.bulk_create(
        [
            RefundLine(refund=refund, line_id=line_ids[number], quantity=quantity, cash_cents=cents)
            for refund, part in zip(refunds, parts, strict=True)
            for number, (quantity, cents) in part.lines.items()
        ]
    )
    _add_up(parts, line_ids)
    return [refund.pk for refund in refunds]


def _parts(returns: Sequence[tuple[Invoice, list[ReturnedLine]]], orders: Mapping[str, Order]) -> list[_Part]:
    found: dict[tuple[str, str], _Part] = {}
    for note, pieces in returns:
        for piece in pieces:
            key = (note.number, piece.invoice)
            part = found.setdefault(key, _Part(note, orders[piece.invoice]))
            quantity, cents = part.lines[piece.line]
            part.lines[piece.line] = (quantity + piece.quantity, cents + piece.cents)
    return list(found.values())


def _refund(part: _Part, books: Books) -> Refund:
    return Refund(
        order=part.order,
        number=public_number(18),
        key=f"{books.source}:{part.note.number}",
        source=books.source,
        external_ref=part.note.number,
        cash_cents=sum(cents for _, cents in part.lines.values()),
        reason="门店退货",
        created_at=shanghai(part.note.at, weeks=books.weeks),
    )


def _line_ids(invoices: Mapping[int, Invoice]) -> dict[int, int]:
    """Order line ids by line number in the file: an order's lines were written in the invoice's order."""
    rows: dict[int, list[int]] = defaultdict(list)
    for order_id, pk in OrderLine.objects.filter(order__in=invoices).order_by("pk").values_list("order_id", "pk"):
        rows[order_id].append(pk)
    return {
        line.number: pk
        for order_id, invoice in invoices.items()
        for line, pk in zip(invoice.lines, rows[order_id], strict=True)
    }


def _add_up(parts: Sequence[_Part], line_ids: Mapping[int, int]) -> None:
    """Add what came back to lines and orders. Two credit notes may touch one line, so sums first."""
    by_line: dict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    by_order: dict[int, int] = defaultdict(int)
    for part in parts:
        for number, (quantity, cents) in part.lines.items():
            so_far = by_line[line_ids[number]]
            by_line[line_ids[number]] = (so_far[0] + quantity, so_far[1] + cents)
            by_order[part.order.pk] += cents
    quantities, line_cents = zip(*by_line.values(), strict=True)
    fetch_all(_ADD_TO_ORDERS, {"ids": list(by_order), "cents": list(by_order.values())})
    fetch_all(_ADD_TO_LINES, {"ids": list(by_line), "quantities": list(quantities), "cents": list(line_cents)})
