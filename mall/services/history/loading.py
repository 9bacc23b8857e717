"""Runs an import: catalogue, members, then wave after wave, each told to the rooms above before the next."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from config.core.db import edge_transaction
from config.outbox import publishing as outbox
from mall.events import HistoryRecorded
from mall.rules.history.rows import History, Invoice
from mall.rules.history.waves import Wave
from mall.selectors.stores import default_store_id
from mall.services.history import catalogue, turns
from mall.services.history.purchases import Books, record_purchases
from mall.services.history.returns import record_returns


@dataclass(slots=True)
class Loaded:
    """What one run wrote; a second run writes nothing."""

    orders: int = 0
    walk_in_orders: int = 0
    refunds: int = 0


def load(
    *,
    history: History,
    waves: Sequence[Wave],
    source: str,
    weeks: int,
    campaigns: str,
    at: datetime,
    advance: Callable[[int], object],
) -> Loaded:
    """Record all waves in order, each in one transaction with its fact, and settle the fact before the next.

    Goes on where a killed run stopped. Raises GivingFailed.
    """
    turns.settle(source=source, at=at)
    books = _books(history=history, source=source, weeks=weeks, campaigns=campaigns, at=at)
    invoices = {invoice.number: invoice for invoice in history.invoices if not invoice.is_return}
    loaded = Loaded()
    for wave in waves:
        with edge_transaction():
            is_told = _record(wave, invoices, books, loaded, at)
        if is_told:
            turns.settle(source=source, at=at)
        advance(len(wave))
    with edge_transaction():
        catalogue.count_sold(source=source)
    return loaded


def _books(*, history: History, source: str, weeks: int, campaigns: str, at: datetime) -> Books:
    """Products and members of the history, in a transaction each."""
    with edge_transaction():
        skus = catalogue.create_products(history=history, source=source)
    with edge_transaction():
        members = catalogue.create_members(history=history, source=source, weeks=weeks, at=at)
    return Books(
        source=source, weeks=weeks, campaigns=campaigns, store_id=default_store_id(), members=members, skus=skus
    )


def _record(wave: Wave, invoices: Mapping[str, Invoice], books: Books, loaded: Loaded, at: datetime) -> bool:
    """Write what is new of the wave; True when the rooms above are told of it."""
    orders = record_purchases(invoices=wave.purchases, books=books)
    refunds = record_returns(returns=wave.returns, invoices=invoices, books=books)
    if not orders and not refunds:
        return False
    if wave.is_walk_in:
        loaded.walk_in_orders += len(orders)
        return False
    loaded.orders += len(orders)
    loaded.refunds += len(refunds)
    outbox.publish(
        HistoryRecorded(
            source_id=books.source,
            campaigns=books.campaigns,
            order_ids=tuple(orders),
            refund_ids=tuple(refunds),
            recorded_at=at,
        )
    )
    return True
