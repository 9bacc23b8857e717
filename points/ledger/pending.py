"""Pending points become spendable."""

from datetime import datetime, timedelta
from types import EllipsisType

from config.core import policies
from config.core.statements import one_statement
from points.ledger.kernel import entry_of, instant
from points.ledger.values import Entry


@one_statement
def confirm(*, entry: int, at: datetime, expires_at: datetime | EllipsisType | None = ...) -> Entry:
    """Make what is left of a pending earn spendable; arrears are repaid first. Asked again it returns the same entry.

    The points keep the expiry they were earned with, unless `expires_at` names another (None: never). What would have
    lapsed while it was pending lives for the grace of what comes back late.
    Raises EntryNotFound, NotPending, AlreadyReversed (nothing is left of it), AccountClosed, InvalidExpiry.
    """
    keeps = expires_at is ...
    return entry_of(
        "ledger_confirm(%(entry)s, %(at)s, %(keeps)s, %(expires_at)s, %(grace)s)",
        {
            "entry": entry,
            "at": instant(at),
            "keeps": keeps,
            "expires_at": None if expires_at is None or isinstance(expires_at, EllipsisType) else instant(expires_at),
            "grace": timedelta(days=policies.current().restore_grace_days),
        },
    )
