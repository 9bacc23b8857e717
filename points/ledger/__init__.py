"""The only door to the ledger's tables.

Every verb is one round trip to the SQL kernel (`points/sql/`), needs the caller's transaction, takes the time, and may
be repeated: the same key with the same meaning returns the same entry. A refusal is a `DomainError` and has written
nothing; it doesn't abort the caller's transaction, so a caller may catch it and go on.
"""

from points.ledger.accounts import audit, balance, balance_as_of, balance_with_growth, lock, open_account, open_accounts
from points.ledger.batches import expire, post_many
from points.ledger.endings import close_account, merge
from points.ledger.holds import capture, hold, release
from points.ledger.pending import confirm
from points.ledger.refusals import (
    AccountClosed,
    AccountNotFound,
    AlreadyReversed,
    EntryNotFound,
    HoldClosed,
    HoldNotFound,
    HoldOpen,
    InsufficientPoints,
    InvalidAmount,
    InvalidExpiry,
    InvalidKey,
    InvalidMerge,
    InvalidSource,
    KeyReused,
    NotPending,
    NotReversible,
    NotSpendable,
    ReversalTooLarge,
)
from points.ledger.values import Balance, Discrepancy, Entry, ExpiryReport, Hold, Posting
from points.ledger.verbs import adjust, earn, reverse, spend

__all__ = [
    "AccountClosed",
    "AccountNotFound",
    "AlreadyReversed",
    "Balance",
    "Discrepancy",
    "Entry",
    "EntryNotFound",
    "ExpiryReport",
    "Hold",
    "HoldClosed",
    "HoldNotFound",
    "HoldOpen",
    "InsufficientPoints",
    "InvalidAmount",
    "InvalidExpiry",
    "InvalidKey",
    "InvalidMerge",
    "InvalidSource",
    "KeyReused",
    "NotPending",
    "NotReversible",
    "NotSpendable",
    "Posting",
    "ReversalTooLarge",
    "adjust",
    "audit",
    "balance",
    "balance_as_of",
    "balance_with_growth",
    "capture",
    "close_account",
    "confirm",
    "earn",
    "expire",
    "hold",
    "lock",
    "merge",
    "open_account",
    "open_accounts",
    "post_many",
    "release",
    "reverse",
    "spend",
]
