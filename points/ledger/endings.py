"""How accounts end: merged into another, or closed."""

from datetime import datetime

from config.core.statements import one_statement
from points.ledger.kernel import entry_of, instant, key_text, source_text
from points.ledger.values import Entry


@one_statement
def merge(*, source: int, target: int, key: str, at: datetime, reason: str | None = None) -> Entry:
    """Move all that `source` has to `target`, with old expiry, day of earning and origin, and close it.

    Pending points and arrears move too; what one side owes is repaid from what the other can spend. Later keys and
    reversals on the source reach the target. Returns the entry that takes out of the source; the one that puts into the
    target is caused by it. The same key and accounts: the same entry.
    Raises AccountNotFound, KeyReused, InvalidMerge, AccountClosed, HoldOpen (of either), InvalidKey, InvalidSource.
    """
    return entry_of(
        "ledger_merge(%(source)s, %(target)s, %(key)s, %(at)s, %(reason)s)",
        {
            "source": source,
            "target": target,
            "key": key_text(key),
            "at": instant(at),
            "reason": source_text(reason),
        },
    )


@one_statement
def close_account(*, account: int, at: datetime, reason: str | None = None) -> Entry:
    """Close an account for good: what is left is given up, what it owes is forgiven, and the entry returned tells both.

    Asked again it returns the same entry. Afterwards every verb answers AccountClosed, but for keys that were posted
    before and for reversals. Raises AccountNotFound, HoldOpen, AccountClosed (it was merged), InvalidSource.
    """
    return entry_of(
        "ledger_close_account(%(account)s, %(at)s, %(reason)s)",
        {"account": account, "at": instant(at), "reason": source_text(reason)},
    )
