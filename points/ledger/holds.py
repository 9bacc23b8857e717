"""Holds: points of an unpaid order are set aside, then captured or released."""

from datetime import datetime, timedelta

from config.core import policies
from config.core.statements import one_statement
from points.ledger.kernel import bigint, entry_of, instant, key_text, row_of, source_text
from points.ledger.values import Entry, Hold


@one_statement
def hold(*, account: int, points: int, key: str, source: str, until: datetime, at: datetime) -> Hold:
    """Set points aside, the soonest-expiring first. `until` only allows the sweeper to release them.

    Raises what `spend` raises. The same key returns the same hold as it stands now.
    """
    hold_id, owner, entry, held, status, keep_until = row_of(
        "SELECT refusal, facts, hold, account, entry, points, status, until"
        " FROM ledger_hold(%(account)s, %(points)s, %(key)s, %(source)s, %(until)s, %(at)s)",
        {
            "account": account,
            "points": bigint(points),
            "key": key_text(key),
            "source": source_text(source),
            "until": instant(until),
            "at": instant(at),
        },
    )
    return Hold(id=hold_id, account=owner, entry=entry, points=held, status=status, until=keep_until)


@one_statement
def capture(*, hold: int, at: datetime, points: int | None = None) -> Entry:
    """Take the held points for good (or the soonest-expiring `points` of them; the rest is released), however late.

    Asked again in the same way it returns the same entry. Raises HoldNotFound, HoldClosed, InvalidAmount,
    InsufficientPoints (more than the hold has).
    """
    return entry_of(
        "ledger_capture(%(hold)s, %(points)s, %(at)s, %(grace)s)",
        {
            "hold": hold,
            "points": None if points is None else bigint(points),
            "at": instant(at),
            "grace": timedelta(days=policies.current().restore_grace_days),
        },
    )


@one_statement
def release(*, hold: int, at: datetime) -> Entry:
    """Give the held points back to their lots with their old expiry; what lapsed meanwhile lives for the grace.

    Asked again it returns the same entry. Raises HoldNotFound, HoldClosed.
    """
    grace = timedelta(days=policies.current().restore_grace_days)
    return entry_of("ledger_release(%(hold)s, %(at)s, %(grace)s)", {"hold": hold, "at": instant(at), "grace": grace})
