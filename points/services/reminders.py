"""Reminders of points that will lapse: facts for whoever tells the member, each lot and step once."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from config.core import policies
from config.core.db import fetch_all, fetch_one, transaction_required
from config.outbox import publishing as outbox
from points.events import PointsLapsing

_KEPT = timedelta(days=30)  # after the lapse


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a chunk ended: the moment, the account and the lot that were told of last."""

    moment: datetime
    account: int
    lot: int


START = Place(moment=datetime.min.replace(tzinfo=UTC), account=0, lot=0)


@transaction_required
def remind_next(*, after: Place, at: datetime, limit: int) -> Place | None:
    """Publish what lapses within the steps of the policy, at most `limit` lots after a place; None: nothing is left.

    A lot that passed several steps while nothing ran is told of at the nearest one alone.
    """
    steps = list(policies.current().lapse_reminder_steps)
    if not steps:
        return None
    rows = fetch_all(
        "SELECT account, lapses_at, step, points, last_lot FROM ledger_remind("
        "%(at)s, %(steps)s::smallint[], %(limit)s, %(moment)s, %(account)s, %(lot)s)",
        {"at": at, "steps": steps, "limit": limit, "moment": after.moment, "account": after.account, "lot": after.lot},
    )
    outbox.publish_many(
        PointsLapsing(account_id=account, points=points, lapses_at=lapses_at, days=step)
        for account, lapses_at, step, points, _ in rows
    )
    if not rows:
        return None
    account, lapses_at, *_, lot = rows[-1]
    return Place(moment=lapses_at, account=account, lot=lot)


@transaction_required
def forget(*, at: datetime, limit: int) -> int:
    """Delete at most `limit` reminders of lots that lapsed long ago; how many were deleted."""
    row = fetch_one("SELECT ledger_forget_reminders(%(before)s, %(limit)s)", {"before": at - _KEPT, "limit": limit})
    assert row is not None, "ledger_forget_reminders returns a row"
    forgotten: int = row[0]
    return forgotten
