"""What the book's lists hold. Rows point at rows; an account is known by its place in the list, a hold by its entry."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime

NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(eq=False)
class Refused(Exception):
    """A refusal, with the kernel's code."""

    code: str


def refuse(**codes: bool) -> None:
    """Say no with the first of these codes that is true; if none is, say nothing."""
    for code, is_true in codes.items():
        if is_true:
            raise Refused(code)


@dataclass(eq=False)
class Account:
    """积分账户. What it has is the sum of its entries; here is only what they don't tell."""

    asset: str
    is_closed: bool = False
    merged_into: int | None = None


@dataclass(eq=False)
class Entry:
    """积分流水. A signed vector over the buckets `spendable`, `pending`, `held` and `arrears`.

    `draws` tells what it moved into lots (+), its own new ones too, and out of them (-). A verb begins with a draft of
    its entry, which becomes history when it is appended to the book.
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
    buckets: Counter[str] = field(default_factory=Counter)
    lapsed: int = 0
    forgiven: int = 0
    draws: "list[tuple[Lot, int]]" = field(default_factory=list)


@dataclass(eq=False)
class Lot:
    """积分批次. Points earned together, usable while now < `expires_at`; `origin` is the lot they first came from."""

    entry: Entry
    points: int
    earned_at: datetime
    expires_at: datetime
    origin: "Lot | None" = None
    bucket: str = "spendable"  # or "pending"
    remaining: int = 0

    def __lt__(self, other: "Lot") -> bool:
        """Spending order: the soonest expiry first, then the older lot; lots that never expire last."""
        return (self.expires_at, self.earned_at) < (other.expires_at, other.earned_at)
