"""The rows of an account as the rules have it; ids are places in the book's lists."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A signed vector over the buckets."""

    id: int
    kind: str
    points: int
    occurred_at: datetime
    source: str
    spendable_after: int
    requested: int | None = None
    spendable: int = 0
    held: int = 0
    arrears: int = 0
    lapsed: int = 0
    forgiven: int = 0
    key: str | None = None
    reverses: int | None = None
    caused_by: int | None = None


@dataclass(kw_only=True)
class Lot:
    """Points that were earned together and expire together."""

    id: int
    entry: int
    points: int
    remaining: int
    earned_at: datetime
    expires_at: datetime | None
    origin: int | None = None

    def is_lapsed(self, now: datetime) -> bool:
        """A lot is spendable while now < expires_at."""
        return self.remaining > 0 and self.expires_at is not None and self.expires_at <= now


@dataclass(frozen=True, kw_only=True)
class Draw:
    """Points that went out of a lot (negative) or back into it."""

    entry: int
    lot: int
    points: int


@dataclass(kw_only=True)
class Hold:
    """Points set aside; `closing` is the entry that ended it."""

    id: int
    entry: int
    points: int
    status: str = "open"
    closing: int | None = None
