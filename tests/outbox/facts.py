"""Facts of these tests."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar

from config.outbox.events import Event


@dataclass(frozen=True, kw_only=True)
class ParcelMoved(Event):
    """A parcel reached its n-th stop."""

    subject: ClassVar[str] = "parcel"

    parcel_id: int
    stop: int


@dataclass(frozen=True, kw_only=True)
class ParcelLost(Event):
    """A second kind of fact in the same stream."""

    subject: ClassVar[str] = "parcel"

    parcel_id: int


@dataclass(frozen=True, kw_only=True)
class Item:
    """A plain value inside a fact."""

    sku_id: int
    cents: int


@dataclass(frozen=True, kw_only=True)
class ParcelPacked(Event):
    """One of each type that a fact may carry."""

    name: ClassVar[str] = "depot.ParcelPacked"
    subject: ClassVar[str] = "parcel"

    parcel_id: int
    label: str
    is_fragile: bool
    packed_at: datetime
    promised_on: date | None
    weight: Decimal
    items: tuple[Item, ...]
    note: str | None = None
