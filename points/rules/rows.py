"""What the book's lists hold. Rows point at rows; an account is known by its place in the list."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

NEVER = datetime.max.replace(tzinfo=UTC)


class Refused(Exception):
    """A refusal with the kernel's code."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def refuse_unless(right: bool, code: str) -> None:
    """Say no with that code, unless all is right."""
    if not right:
        raise Refused(code)


@dataclass(eq=False)
class Account:
    """积分账户. What it has is the sum of its entries; here is only what they don't tell."""

    asset: str
    is_closed: bool = False
    merged_into: int | None = None


@dataclass(eq=False)
class Entry:
    """积分流水. A signed vector over four buckets; `draws` tells what it moved into lots (+) and out of them (-).

    A verb begins with a draft of its entry, which becomes history when it is appended to the book.
    """

    kind: str
    account: int
    points: int
    occurred_at: datetime
    source: str
    key: str | None = None
    requested: int | None = None
    reverses: "Entry | None" = None
    caused_by: "Entry | None" = None
    spendable: int = 0
    pending: int = 0
    held: int = 0
    arrears: int = 0
    lapsed: int = 0
    forgiven: int = 0
    draws: "list[tuple[Lot, int]]" = field(default_factory=list)

    def means_the_same_as(self, other: "Entry") -> bool:
        """The meaning of a key: kind, requested points, source and the entry named; not time, expiry or reason."""
        mine, theirs = (self.kind, self.requested, self.source), (other.kind, other.requested, other.source)
        return mine == theirs and self.reverses is other.reverses


@dataclass(eq=False)
class Lot:
    """积分批次. Points that were earned together and expire together; `origin` is the lot they first came from."""

    entry: Entry
    points: int
    earned_at: datetime
    expires_at: datetime | None
    origin: "Lot | None" = None
    pending: bool = False
    remaining: int = 0

    def has_lapsed(self, now: datetime) -> bool:
        """Points can be used while now < expires_at."""
        return self.expires_at is not None and self.expires_at <= now


@dataclass(eq=False)
class Hold:
    """积分冻结. Points of an unpaid order; `closing` is the entry that captured or released them."""

    entry: Entry
    points: int
    status: str = "open"
    closing: Entry | None = None


def in_spending_order(lots: Iterable[Lot]) -> list[Lot]:
    """The soonest expiry first, then the older lot; lots that never expire last."""
    return sorted(lots, key=lambda lot: (lot.expires_at or NEVER, lot.earned_at))
