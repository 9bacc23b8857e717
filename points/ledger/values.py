"""What the ledger's verbs take and return."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """流水. One signed vector over the four buckets. `points` is the size of what was done.

    On a clawback `points = -spendable - pending + arrears + lapsed + forgiven`: taken, owed, gone before, let off.
    On a restore `points = spendable + lapsed`: what returned, and what came too late for a closed account.
    """

    id: int
    account: int
    kind: str
    points: int
    spendable: int
    pending: int
    held: int
    arrears: int
    lapsed: int
    forgiven: int
    spendable_after: int
    key: str | None
    source: str
    reason: str
    occurred_at: datetime
    reverses: int | None
    caused_by: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Hold:
    """冻结. Points reserved by an unpaid order; `status` is open, captured or released; `entry` made it."""

    id: int
    account: int
    entry: int
    points: int
    status: str
    until: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Balance:
    """What an account has at a moment; `lapsing` is (when, how many) of what can still be used, soonest first."""

    spendable: int
    pending: int
    held: int
    arrears: int
    lapsing: list[tuple[datetime, int]]


@dataclass(frozen=True, kw_only=True, slots=True)
class ExpiryReport:
    """What one run of the expiry booked."""

    lots: int
    accounts: int
    points: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Discrepancy:
    """A broken sum: `subject` is the entry, lot or account that breaks `rule`."""

    rule: str
    account: int
    subject: int
    expected: int
    actual: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Posting:
    """One earn of a batch."""

    account: int
    points: int
    key: str
    source: str
    at: datetime
    expires_at: datetime | None = None
    reason: str | None = None
    pending: bool = False
