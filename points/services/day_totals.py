"""Closing days: their sums are kept once no entry can be recorded in them any more.

An entry's `recorded_at` is the database's clock at its statement, and it is seen only once its transaction has
committed. So a day is over when it has ended by that clock AND no transaction that began before its end still runs:
whatever starts later is recorded later. Taken from the list of running transactions, before the sums are read.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from config.core.db import fetch_all, fetch_one, transaction_required
from config.core.time import day_start, local_date
from points.day_totals import ClosedDay, DayTotal, TotalsCheck
from points.selectors import day_check

_LOCK = 7_203_001  # of pg_try_advisory_xact_lock: one closing at a time

# The five minutes are for a process that has read the clock and is kept from showing that its transaction runs.
# Every running transaction holds its own virtual id. One whose start this role may not read counts as begun long ago;
# a server's own workers (vacuum) have no user, and post nothing. A prepared transaction may have begun any time.
_OLDEST = """
SELECT least(
    %(at)s, statement_timestamp() - interval '5 minutes',
    (
        SELECT min(coalesce(activity.xact_start, to_timestamp(0))) FROM pg_locks AS held
        JOIN pg_stat_activity AS activity ON activity.pid = held.pid
        WHERE held.locktype = 'virtualxid' AND held.mode = 'ExclusiveLock' AND held.pid <> pg_backend_pid()
            AND activity.datname = current_database() AND activity.usesysid IS NOT NULL
    ),
    (SELECT to_timestamp(0) FROM pg_prepared_xacts WHERE database = current_database() LIMIT 1)
)
"""
_FIRST = """
SELECT (min(recorded_at) AT TIME ZONE 'Asia/Shanghai')::date FROM points_entry
WHERE NOT EXISTS (SELECT FROM points_closedday)
"""
_CLOSE = """
WITH sums AS MATERIALIZED (
    SELECT (entry.recorded_at AT TIME ZONE 'Asia/Shanghai')::date AS day, account.asset, entry.kind,
        entry.spendable + entry.pending + entry.held > 0 AS is_increase,
        count(*) AS entries, sum(entry.spendable) AS spendable, sum(entry.pending) AS pending, sum(entry.held) AS held,
        sum(entry.arrears) AS arrears, sum(entry.lapsed) AS lapsed, sum(entry.forgiven) AS forgiven
    FROM points_entry AS entry JOIN points_account AS account ON account.id = entry.account_id
    WHERE entry.recorded_at >= %(since)s AND entry.recorded_at < %(until)s
    GROUP BY 1, 2, 3, 4
), closed AS (
    INSERT INTO points_closedday (day, entries)
    SELECT days.day, coalesce(sum(sums.entries), 0)
    FROM (SELECT generate_series(%(first)s::date, %(last)s::date, '1 day')::date AS day) AS days
    LEFT JOIN sums USING (day) GROUP BY days.day
    RETURNING entries
), kept AS (
    INSERT INTO points_daytotal
        (day, asset, kind, is_increase, entries, spendable, pending, held, arrears, lapsed, forgiven)
    SELECT day, asset, kind, is_increase, entries, spendable, pending, held, arrears, lapsed, forgiven
    FROM sums ORDER BY day, asset, kind, is_increase
)
SELECT count(*), sum(entries)::bigint FROM closed
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Closing:
    """What one run closed: so many days with so many entries, and whether more days wait to be closed."""

    days: int
    entries: int
    has_more: bool


@transaction_required
def close_days(*, at: datetime, limit: int) -> Closing:
    """Close the oldest days that are over by `at`, at most `limit` of them.

    Safe to run twice, at once and to be killed: a run is one transaction, and goes on where the last one ended.
    """
    nothing = Closing(days=0, entries=0, has_more=False)
    locked = fetch_one("SELECT pg_try_advisory_xact_lock(%(lock)s)", {"lock": _LOCK})
    first = _first_open_day() if locked and locked[0] else None
    oldest = fetch_one(_OLDEST, {"at": at})
    if first is None or oldest is None or oldest[0] is None:
        return nothing
    last_over = _last_day_before(oldest[0])
    if last_over < first:
        return nothing
    last = min(last_over, first + timedelta(days=limit - 1))
    bounds = {"since": day_start(first), "until": day_start(last + timedelta(days=1)), "first": first, "last": last}
    [(days, entries)] = fetch_all(_CLOSE, bounds)
    return Closing(days=days, entries=entries, has_more=last < last_over)


@transaction_required
def reopen_days(*, since: date) -> int:
    """Forget the sums of that day and all later ones, so that they are closed anew. Returns the number of days."""
    DayTotal.objects.filter(day__gte=since).delete()
    days, _ = ClosedDay.objects.filter(day__gte=since).delete()
    return days


@transaction_required
def check_totals(*, at: datetime) -> list[day_check.Difference]:
    """Add all up again from the entries, note the result, and return what differs. Empty is right."""
    through = ClosedDay.objects.order_by("-day").values_list("day", flat=True).first()
    differences = day_check.differences()
    TotalsCheck.objects.create(checked_at=at, through=through, differences=len(differences))
    return differences


def _first_open_day() -> date | None:
    """The day after the last closed one; before any was closed, the day of the first entry; None without entries."""
    last = ClosedDay.objects.order_by("-day").values_list("day", flat=True).first()
    if last is not None:
        return last + timedelta(days=1)
    row = fetch_one(_FIRST, {})
    return row[0] if row else None


def _last_day_before(moment: datetime) -> date:
    """The last Shanghai day that had ended by then."""
    return local_date(moment) - timedelta(days=1)
