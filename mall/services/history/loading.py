"""Runs an import: catalogue, members, then wave after wave, each told to the rooms above before the next."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from config.core.db import edge_transaction
from config.core.time import SHANGHAI
from config.outbox import publishing as outbox
from config.outbox.services import deliveries
from mall.events import HistoryRecorded
from mall.models import Order
from mall.rules.history.rows import History
from mall.rules.history.waves import Wave
from mall.selectors.stores import default_store_id
from mall.services.history import catalogue
from mall.services.history.purchases import Books, record_purchases
from mall.services.history.returns import record_returns


@dataclass(slots=True)
class Loaded:
    """What one run wrote; a second run writes nothing."""

    members: int = 0
    orders: int = 0
    walk_in_orders: int = 0
    refunds: int = 0
    skipped: set[str] = field(default_factory=set)


def shift_of_started_import(*, source: str, history: History) -> int | None:
    """Weeks by which an earlier run of this import moved its orders; None when there was none.

    A resumed import keeps the shift it began with.
    """
    order = Order.objects.filter(source=source).exclude(external_ref="").order_by("pk").first()
    if order is None:
        return None
    times = {invoice.number: invoice.at for invoice in history.invoices}
    began = times.get(order.external_ref)
    if began is None:
        return None
    return (order.created_at.astimezone(SHANGHAI).replace(tzinfo=None) - began) // timedelta(weeks=1)


def prepare(*, history: History, source: str, weeks: int, at: datetime) -> Books:
    """Products and members of the history, in a transaction each; delivers first what a killed run had left."""
    deliveries.deliver_all(at=at)
    with edge_transaction():
        prices = catalogue.last_prices(history)
        skus = catalogue.create_products(history=history, source=source, skus_priced=prices)
    with edge_transaction():
        members = catalogue.create_members(history=history, source=source, weeks=weeks, at=at)
    return Books(source=source, weeks=weeks, store_id=default_store_id(), members=members, skus=skus)


def load(
    *,
    history: History,
    waves: list[Wave],
    books: Books,
    campaigns: str,
    at: datetime,
    advance: Callable[[int], object],
) -> Loaded:
    """Record all waves in order, each in one transaction with its fact, and deliver the fact before the next."""
    loaded = Loaded(members=len(books.members))
    invoices = {invoice.number: invoice for invoice in history.invoices if not invoice.is_return}
    for wave in waves:
        with edge_transaction():
            orders = record_purchases(invoices=wave.purchases, books=books)
            refunds = record_returns(returns=wave.returns, invoices=invoices, books=books)
            is_walk_in = bool(wave.purchases) and not wave.purchases[0].customer
            if (orders or refunds) and not is_walk_in:
                outbox.publish(
                    HistoryRecorded(
                        source_id=books.source,
                        campaigns=campaigns,
                        order_ids=tuple(orders),
                        refund_ids=tuple(refunds),
                        recorded_at=at,
                    )
                )
        deliveries.deliver(streams=[f"history:{books.source}"], at=at, limit=1000, fail_fast=True)
        loaded.orders += 0 if is_walk_in else len(orders)
        loaded.walk_in_orders += len(orders) if is_walk_in else 0
        loaded.refunds += len(refunds)
        advance(len(wave))
    with edge_transaction():
        catalogue.count_sold(source=books.source)
    deliveries.deliver_all(at=at)
    return loaded
