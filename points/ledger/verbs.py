"""Earn, spend, adjust, reverse."""

from datetime import datetime, timedelta

from config.core import policies
from config.core.statements import one_statement
from points.ledger.kernel import bigint, entry_of, instant, key_text, source_text
from points.ledger.values import Entry


@one_statement
def earn(
    *,
    account: int,
    points: int,
    key: str,
    source: str,
    at: datetime,
    expires_at: datetime | None = None,
    pending: bool = False,
    reason: str | None = None,
) -> Entry:
    """Add points that lapse at `expires_at` (None: never); arrears are repaid first, by an entry of its own.

    Pending points can't be used and don't lapse until they are confirmed. On an account that was merged this and every
    other verb posts to the one that it lives on in.
    Raises AccountNotFound, AccountClosed, KeyReused, InvalidAmount, InvalidKey, InvalidSource, InvalidExpiry.
    """
    return entry_of(
        "ledger_earn(%(account)s, %(points)s, %(key)s, %(source)s, %(at)s, %(expires_at)s, %(reason)s, %(pending)s)",
        {
            "account": account,
            "points": bigint(points),
            "key": key_text(key),
            "source": source_text(source),
            "at": instant(at),
            "expires_at": expires_at and instant(expires_at),
            "reason": source_text(reason),
            "pending": bool(pending),
        },
    )


@one_statement
def spend(*, account: int, points: int, key: str, source: str, at: datetime, reason: str | None = None) -> Entry:
    """Take points, the soonest-expiring first; what has lapsed by then is booked before.

    Raises InsufficientPoints, AccountNotFound, AccountClosed, KeyReused, InvalidAmount, InvalidKey, InvalidSource,
    NotSpendable.
    """
    return entry_of(
        "ledger_spend(%(account)s, %(points)s, %(key)s, %(source)s, %(at)s, %(reason)s)",
        {
            "account": account,
            "points": bigint(points),
            "key": key_text(key),
            "source": source_text(source),
            "at": instant(at),
            "reason": source_text(reason),
        },
    )


@one_statement
def adjust(
    *,
    account: int,
    points: int,
    key: str,
    at: datetime,
    operator: str,
    reason: str,
    expires_at: datetime | None = None,
) -> Entry:
    """Add (+) or take (-) points by hand. `operator` is a machine reference such as "staff:7" and becomes the source.

    Raises what `earn` and `spend` raise.
    """
    return entry_of(
        "ledger_adjust(%(account)s, %(points)s, %(key)s, %(source)s, %(at)s, %(expires_at)s, %(reason)s)",
        {
            "account": account,
            "points": bigint(points),
            "key": key_text(key),
            "source": source_text(operator),
            "at": instant(at),
            "expires_at": expires_at and instant(expires_at),
            "reason": source_text(reason),
        },
    )


@one_statement
def reverse(*, entry: int, key: str, at: datetime, points: int | None = None, reason: str | None = None) -> Entry:
    """Undo an entry, or `points` of it (None: all that is left).

    A spend, a captured hold or a downward adjustment goes back into its lots; an earn or an upward adjustment is clawed
    back, a pending one just shrinks. In a closed account it is written down and moves nothing.
    Raises EntryNotFound, KeyReused, NotReversible, AlreadyReversed, ReversalTooLarge, InvalidAmount, InvalidKey,
    InvalidSource.
    """
    policy = policies.current()
    return entry_of(
        "ledger_reverse(%(entry)s, %(points)s, %(key)s, %(at)s, %(reason)s, %(forgive)s, %(grace)s)",
        {
            "entry": entry,
            "points": None if points is None else bigint(points),
            "key": key_text(key),
            "at": instant(at),
            "reason": source_text(reason),
            "forgive": policy.clawback_past_zero == "forgive",
            "grace": timedelta(days=policy.restore_grace_days),
        },
    )
