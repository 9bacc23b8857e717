"""Facts of the mall. All facts of one order stand in the stream `order:<id>`."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from config.outbox.events import Event


@dataclass(frozen=True, kw_only=True)
class OrderPlaced(Event):
    """An order was placed: stock is reserved, points are held. `member_id` is None for a walk-in."""

    subject: ClassVar[str] = "order"

    order_id: int
    member_id: int | None
    placed_at: datetime


@dataclass(frozen=True, kw_only=True)
class OrderPaid(Event):
    """An order was paid in full; what it will be judged by is fixed from now on."""

    subject: ClassVar[str] = "order"

    order_id: int
    member_id: int | None
    paid_at: datetime


@dataclass(frozen=True, kw_only=True)
class OrderShipped(Event):
    """The goods left the warehouse."""

    subject: ClassVar[str] = "order"

    order_id: int
    member_id: int | None
    shipped_at: datetime


@dataclass(frozen=True, kw_only=True)
class OrderCompleted(Event):
    """Nothing is outstanding any more: what the order earns is given now, judged as of `paid_at`."""

    subject: ClassVar[str] = "order"

    order_id: int
    member_id: int | None
    completed_at: datetime


@dataclass(frozen=True, kw_only=True)
class OrderRefunded(Event):
    """Goods were given back. `cash_cents` is the cash for goods in this refund; freight is not in it."""

    subject: ClassVar[str] = "order"

    order_id: int
    refund_id: int
    cash_cents: int
    whole_order: bool
    at: datetime


@dataclass(frozen=True, kw_only=True)
class OrderCancelled(Event):
    """An unpaid order was given up, by its member, by the shop or by time."""

    subject: ClassVar[str] = "order"

    order_id: int
    member_id: int | None
    cancelled_at: datetime


@dataclass(frozen=True, kw_only=True)
class PaymentReturned(Event):
    """Money that arrived for an order which no longer wanted it goes back, in full."""

    subject: ClassVar[str] = "order"

    order_id: int
    payment_id: int
    amount_cents: int
    at: datetime


@dataclass(frozen=True, kw_only=True)
class HistoryRecorded(Event):
    """A part of a till's history was recorded: completed orders and refunds, at most one step of each member.

    `campaigns` is "base" (the base rule alone) or "presets" (the shop's presets as if live throughout).
    """

    subject: ClassVar[str] = "history"

    source_id: str
    campaigns: str
    order_ids: tuple[int, ...]
    refund_ids: tuple[int, ...]
    recorded_at: datetime

    @property
    def stream(self) -> str:
        return f"history:{self.source_id}"
