"""Finance's months: what was outstanding, what moved it, what is outstanding then, by `recorded_at` in Shanghai.

Outstanding is the liability: spendable, pending and held together. Arrears are what members owe; they never lessen what
others may redeem, so they stand beside it. Closed days are read from their sums, the open ones from the entries.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from typing import Any

from config.core.db import fetch_all
from config.core.time import add_months, day_start, local_date
from points.day_totals import ClosedDay, TotalsCheck
from points.models import Entry
from points.rules.movements import Column, column_of

OPEN_DAYS_READ = 62  # a page reads no more open days than that; by then the closing task has been down for two months

_SUMS = """
sum(entries)::bigint, sum(spendable)::bigint, sum(pending)::bigint, sum(held)::bigint, sum(arrears)::bigint,
sum(lapsed)::bigint, sum(forgiven)::bigint
"""
_BY_MONTH = f"""
SELECT month, kind, is_increase, {_SUMS} FROM (
    SELECT date_trunc('month', day::timestamp)::date AS month, kind, is_increase,
        entries, spendable, pending, held, arrears, lapsed, forgiven
    FROM points_daytotal WHERE asset = %(asset)s AND day < %(open_day)s
    UNION ALL
    SELECT date_trunc('month', recorded_at AT TIME ZONE 'Asia/Shanghai')::date, kind, spendable + pending + held > 0,
        1, spendable, pending, held, arrears, lapsed, forgiven
    FROM (
        SELECT entry.* FROM points_entry AS entry JOIN points_account AS account ON account.id = entry.account_id
        WHERE entry.recorded_at >= %(open_since)s AND account.asset = %(asset)s AND %(reads_open)s
    ) AS open_entries
) AS movements
GROUP BY month, kind, is_increase
ORDER BY month
"""  # noqa: S608 (a constant of this module)


@dataclass(frozen=True, kw_only=True, slots=True)
class Amounts:
    """Points in the four buckets: a balance, or a signed movement."""

    spendable: int = 0
    pending: int = 0
    held: int = 0
    arrears: int = 0

    @property
    def outstanding(self) -> int:
        """What may still be redeemed; arrears don't lessen it."""
        return self.spendable + self.pending + self.held

    def __add__(self, other: "Amounts") -> "Amounts":
        return Amounts(
            spendable=self.spendable + other.spendable,
            pending=self.pending + other.pending,
            held=self.held + other.held,
            arrears=self.arrears + other.arrears,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Movement:
    """What the entries of one column did. `lapsed` and `forgiven` are what clawbacks found gone, and let off."""

    entries: int = 0
    amounts: Amounts = Amounts()
    lapsed: int = 0
    forgiven: int = 0

    def __add__(self, other: "Movement") -> "Movement":
        return Movement(
            entries=self.entries + other.entries,
            amounts=self.amounts + other.amounts,
            lapsed=self.lapsed + other.lapsed,
            forgiven=self.forgiven + other.forgiven,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Month:
    """A month: closing = opening + the movements of all columns, in every bucket.

    `is_closed`: no entry can be recorded in it any more, and its figures are kept.
    """

    first: date
    is_closed: bool
    opening: Amounts
    movements: dict[Column, Movement]
    closing: Amounts


@dataclass(frozen=True, kw_only=True, slots=True)
class Months:
    """Every month from the first entry to now, oldest first, without gaps.

    `open_since` is the first day that isn't closed (None: no day is). `is_behind`: days older than a page reads wait to
    be closed, and the months end where the closed days do.
    """

    rows: list[Month]
    open_since: date | None
    is_behind: bool
    checked_at: datetime | None
    differences: int


def months(*, asset: str, at: datetime) -> Months:
    """The months of an asset up to `at`. Four queries at most, of which one reads entries: those of the open days."""
    last_closed = ClosedDay.objects.order_by("-day").values_list("day", flat=True).first()
    open_since = last_closed and last_closed + timedelta(days=1)
    oldest_read = local_date(at) - timedelta(days=OPEN_DAYS_READ)
    is_behind = open_since < oldest_read if open_since else _has_entries_before(oldest_read)
    open_day = open_since or oldest_read
    found = fetch_all(
        _BY_MONTH,
        {"asset": asset, "open_day": open_day, "open_since": day_start(open_day), "reads_open": not is_behind},
    )
    check = TotalsCheck.objects.order_by("-pk").first()
    return Months(
        rows=_rows(found, open_day=open_day, until=open_day - timedelta(days=1) if is_behind else local_date(at)),
        open_since=open_since,
        is_behind=is_behind,
        checked_at=check.checked_at if check else None,
        differences=check.differences if check else 0,
    )


def total(months_of: Iterable[Month]) -> dict[Column, Movement]:
    """The movements of several months together, column by column."""
    rows = list(months_of)
    return {
        column: reduce(Movement.__add__, (month.movements[column] for month in rows), Movement()) for column in Column
    }


def _has_entries_before(day: date) -> bool:
    return Entry.objects.filter(recorded_at__lt=day_start(day)).exists()


def _rows(found: list[tuple[Any, ...]], *, open_day: date, until: date) -> list[Month]:
    by_month: dict[date, dict[Column, Movement]] = {}
    for month, kind, is_increase, *sums in found:
        movements = by_month.setdefault(month, {column: Movement() for column in Column})
        movements[column_of(kind=kind, is_increase=is_increase)] += _movement(*sums)
    rows: list[Month] = []
    opening = Amounts()
    for first in _every_month(min(by_month, default=None), until=until):
        movements = by_month.get(first) or {column: Movement() for column in Column}
        closing = reduce(Amounts.__add__, (one.amounts for one in movements.values()), opening)
        rows.append(
            Month(
                first=first,
                is_closed=add_months(first, 1) <= open_day,
                opening=opening,
                movements=movements,
                closing=closing,
            )
        )
        opening = closing
    return rows


def _movement(
    entries: int, spendable: int, pending: int, held: int, arrears: int, lapsed: int, forgiven: int
) -> Movement:
    amounts = Amounts(spendable=spendable, pending=pending, held=held, arrears=arrears)
    return Movement(entries=entries, amounts=amounts, lapsed=lapsed, forgiven=forgiven)


def _every_month(first: date | None, *, until: date) -> Iterable[date]:
    """The first days of the months from `first` to the month of `until`."""
    while first is not None and first <= until:
        yield first
        first = add_months(first, 1)
