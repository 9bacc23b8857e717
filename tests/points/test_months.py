"""Finance's months tie to the entries to the point, whichever days are closed."""

from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db.models import Sum
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from config.core.errors import DomainError
from config.core.time import day_start, local_date
from points import ledger
from points.models import Account, Asset, Entry, Kind
from points.rules.movements import COLUMNS, Column, column_of, is_split, kinds_of
from points.selectors import months
from points.selectors.months import Amounts
from points.services import day_totals

from .recorded import recorded

JANUARY, FEBRUARY, MARCH = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)
BUCKETS = ("spendable", "pending", "held", "arrears")
START = datetime(2026, 1, 10, 4, tzinfo=UTC)


def on(day: date, hour: int = 12) -> datetime:
    return day_start(day) + timedelta(hours=hour)


def earned(
    account: int, points: int, at: datetime, *, key: str = "", expires_at: datetime | None = None
) -> ledger.Entry:
    with recorded(at):
        return ledger.earn(
            account=account, points=points, key=key or f"earn:{at}", source="order:1", at=at, expires_at=expires_at
        )


def spent(account: int, points: int, at: datetime) -> ledger.Entry:
    with recorded(at):
        return ledger.spend(account=account, points=points, key=f"spend:{at}", source="order:2", at=at)


def row(first: date, at: datetime, *, asset: str = "points") -> months.Month:
    return next(month for month in months.months(asset=asset, at=at).rows if month.first == first)


def effects(month: months.Month) -> dict[str, int]:
    """The columns that moved something, and by how much."""
    found = {column.value: movement.amounts.outstanding for column, movement in month.movements.items()}
    return {column: points for column, points in found.items() if points}


def test_every_kind_of_entry_has_exactly_one_column() -> None:
    assert set(COLUMNS) == set(Kind.values)
    for kind in Kind.values:
        columns = {column_of(kind=kind, is_increase=True), column_of(kind=kind, is_increase=False)}
        assert columns == {column for column in Column if kind in kinds_of(column)}
        assert is_split(kind) == (len(columns) == 2) == (kind == "adjust")
    assert {column for kind in COLUMNS for column in (COLUMNS[kind],)} | {Column.LOWERED} == set(Column)
    with pytest.raises(KeyError):
        column_of(kind="gift", is_increase=True)


def test_a_month_ends_at_midnight_in_shanghai(account: int) -> None:
    boundary = datetime(2026, 1, 31, 16, tzinfo=UTC)
    earned(account, 100, boundary - timedelta(microseconds=1))
    earned(account, 20, boundary)
    at = on(date(2026, 2, 10))
    for closed_by, days in ((boundary - timedelta(seconds=1), 0), (boundary, 1), (at, 9)):
        assert day_totals.close_days(at=closed_by, limit=100).days == days
        january, february = row(JANUARY, at), row(FEBRUARY, at)
        assert (january.closing.outstanding, effects(january)) == (100, {"issued": 100})
        assert (february.opening.outstanding, effects(february)) == (100, {"issued": 20})
        assert (january.is_closed, february.is_closed) == (days > 0, False)


def test_each_kind_stands_in_its_column(account: int, other: int) -> None:
    first = earned(account, 100, on(date(2026, 1, 5)), expires_at=on(date(2026, 2, 3)))
    purchase = spent(account, 30, on(date(2026, 1, 6)))
    with recorded(on(date(2026, 1, 7))):
        hold = ledger.hold(account=account, points=20, key="h", source="o", until=on(MARCH), at=on(date(2026, 1, 7)))
    with recorded(on(date(2026, 2, 2))):
        ledger.capture(hold=hold.id, at=on(date(2026, 2, 2)), points=15)
        ledger.reverse(entry=purchase.id, key="back", at=on(date(2026, 2, 2)), points=10)
        ledger.adjust(account=other, points=7, key="up", at=on(date(2026, 2, 2)), operator="staff:1", reason="r")
        ledger.adjust(account=other, points=-3, key="down", at=on(date(2026, 2, 2)), operator="staff:1", reason="r")
        ledger.expire(at=on(date(2026, 2, 3)), limit=10)
    with recorded(on(MARCH)):
        ledger.reverse(entry=first.id, key="taken", at=on(MARCH))
    earned(account, 50, on(MARCH, 13))
    at = on(date(2026, 3, 5))
    for _ in range(2):
        january, february, march = (row(first, at) for first in (JANUARY, FEBRUARY, MARCH))
        assert effects(january) == {"issued": 100, "spent": -30}
        assert january.closing == Amounts(spendable=50, held=20)
        assert effects(february) == {"spent": -15, "restored": 10, "raised": 7, "lowered": -3, "lapsed": -65}
        assert february.closing == Amounts(spendable=4)
        assert effects(march) == {"issued": 50, "repaid": -35}
        taken = march.movements[Column.CLAWED_BACK]
        assert (taken.entries, taken.amounts, taken.lapsed) == (1, Amounts(arrears=35), 65)
        assert march.closing == Amounts(spendable=19)
        day_totals.close_days(at=at, limit=100)


def test_pending_merged_and_closed_points_stand_in_their_columns(account: int, other: int) -> None:
    waiting = on(date(2026, 1, 5))
    with recorded(waiting):
        pending = ledger.earn(account=account, points=100, key="p", source="order:1", at=waiting, pending=True)
    january = row(JANUARY, waiting)
    assert (effects(january), january.closing) == ({"issued": 100}, Amounts(pending=100))
    with recorded(on(FEBRUARY)):
        ledger.confirm(entry=pending.id, at=on(FEBRUARY))
        ledger.merge(source=account, target=other, key="m", at=on(FEBRUARY))
    february = row(FEBRUARY, on(FEBRUARY))
    assert (effects(february), february.closing) == ({}, Amounts(spendable=100))
    moved = {column: movement.entries for column, movement in february.movements.items() if movement.entries}
    assert moved == {Column.SHIFTED: 1, Column.MERGED: 2}
    with recorded(on(MARCH)):
        ledger.close_account(account=other, at=on(MARCH))
    march = row(MARCH, on(MARCH))
    assert (effects(march), march.closing) == ({"forfeited": -100}, Amounts())


def test_growth_is_reported_apart(account: int, growth: int) -> None:
    earned(account, 100, START)
    earned(growth, 9, START)
    assert row(JANUARY, START, asset="growth").closing == Amounts(spendable=9)
    assert row(JANUARY, START).closing == Amounts(spendable=100)


def test_a_month_without_entries_stands_between_its_neighbours(account: int) -> None:
    earned(account, 100, START)
    spent(account, 40, on(date(2026, 3, 2)))
    rows = months.months(asset="points", at=on(date(2026, 3, 5))).rows
    assert [(month.first, month.opening.outstanding, month.closing.outstanding) for month in rows] == [
        (JANUARY, 0, 100),
        (FEBRUARY, 100, 100),
        (MARCH, 100, 60),
    ]
    assert effects(rows[1]) == {}
    together = months.total(rows)
    assert (together[Column.ISSUED].amounts.outstanding, together[Column.SPENT].entries) == (100, 1)


def test_a_shop_without_entries_has_no_months(db: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(4):
        found = months.months(asset="points", at=START)
    assert found == months.Months(rows=[], open_since=None, is_behind=False, checked_at=None, differences=0)


def test_open_days_older_than_a_page_reads_are_left_to_the_closing(account: int) -> None:
    earned(account, 100, START)
    at = START + timedelta(days=70)
    found = months.months(asset="points", at=at)
    assert (found.is_behind, found.rows, found.open_since) == (True, [], None)
    day_totals.close_days(at=START + timedelta(days=2), limit=100)
    found = months.months(asset="points", at=at)
    assert (found.is_behind, [month.closing.outstanding for month in found.rows]) == (True, [100])
    day_totals.close_days(at=at, limit=100)
    found = months.months(asset="points", at=at)
    assert (found.is_behind, [month.closing.outstanding for month in found.rows]) == (False, [100, 100, 100])


def test_closed_days_are_not_read_again(account: int, django_assert_max_num_queries: Any) -> None:
    earned(account, 100, START)
    day_totals.close_days(at=START + timedelta(days=9), limit=100)
    earned(account, 1, START, key="recorded in a closed day, which can't be")
    with django_assert_max_num_queries(4):
        assert row(JANUARY, START + timedelta(days=9)).closing.outstanding == 100


_VERBS = [
    *("earn", "earn_lasting", "earn_pending", "confirm", "spend", "adjust", "reverse", "hold", "capture", "release"),
    *("earn", "spend", "spend", "reverse", "reverse", "hold", "earn_pending", "confirm", "expire", "merge", "close"),
]
_STEPS = st.lists(
    st.tuples(
        st.sampled_from(_VERBS),
        st.integers(0, 3),
        st.integers(1, 60),
        st.integers(0, 10),
    ),
    min_size=15,
    max_size=40,
)


class MonthsTieToEntries(TestCase):
    """Random histories over months: every bucket of every month, and the accounts in the end."""

    @settings(max_examples=40)
    @given(steps=_STEPS, closings=st.lists(st.integers(0, 400), max_size=4))
    def test_a_random_history_ties(self, steps: list[tuple[str, int, int, int]], closings: list[int]) -> None:
        accounts = [*ledger.open_accounts(asset="points", count=3), ledger.open_account(asset="growth")]
        at = START
        for account in accounts:
            earned(account, 100, at)
        for number, (verb, which, points, hours) in enumerate(steps):
            at += timedelta(hours=hours * 12)
            with recorded(at):
                _try(verb, accounts[which], points, key=str(number), at=at, other=accounts[points % 3])
        at += timedelta(days=1)
        for limit in closings:
            day_totals.close_days(at=at, limit=1 + limit)
        while day_totals.close_days(at=at - timedelta(days=61), limit=7).has_more:  # what a page does not read
            pass
        for asset in Asset.values:
            self._ties(asset, at)
        assert day_totals.check_totals(at=at) == []

    def _ties(self, asset: str, at: datetime) -> None:
        expected: dict[date, dict[Column, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0] * 5))
        for entry in Entry.objects.filter(account__asset=asset):
            effect = entry.spendable + entry.pending + entry.held
            column = column_of(kind=entry.kind, is_increase=effect > 0)
            sums = expected[local_date(entry.recorded_at).replace(day=1)][column]
            for place, number in enumerate((1, *(getattr(entry, bucket) for bucket in BUCKETS))):
                sums[place] += number
        opening = Amounts()
        for month in months.months(asset=asset, at=at).rows:
            assert month.opening == opening
            for column, movement in month.movements.items():
                found = [movement.entries, *(getattr(movement.amounts, bucket) for bucket in BUCKETS)]
                assert found == expected[month.first][column]
            opening = sum((one.amounts for one in month.movements.values()), opening)
            assert month.closing == opening
            expected.pop(month.first)
        assert dict(expected) == {}
        held = Account.objects.filter(asset=asset).aggregate(**{bucket: Sum(bucket) for bucket in BUCKETS})
        assert opening == Amounts(**held)


def _try(verb: str, account: int, points: int, *, key: str, at: datetime, other: int) -> None:
    """Do it where the account allows it; a refusal writes nothing."""
    while survivor := Account.objects.get(pk=account).merged_into_id:
        account = survivor
    entries = Entry.objects.filter(account=account).order_by("pk")
    some = list(entries)[points % len(entries)].pk if entries else 0
    hold = entries.filter(hold__status="open").values_list("hold", flat=True).first() or 0
    part = None if points > 30 else 1
    common = {"account": account, "points": points, "key": key, "at": at}
    lapses = None if Account.objects.get(pk=account).asset == "growth" else at + timedelta(days=points)
    verbs: dict[str, Callable[[], object]] = {
        "earn": lambda: ledger.earn(**common, source="s", expires_at=lapses),
        "earn_lasting": lambda: ledger.earn(**common, source="s"),
        "earn_pending": lambda: ledger.earn(**common, source="s", expires_at=lapses, pending=True),
        "confirm": lambda: ledger.confirm(entry=some, at=at),
        "merge": lambda: ledger.merge(source=account, target=other, key=key, at=at),
        "close": lambda: ledger.close_account(account=account, at=at),
        "spend": lambda: ledger.spend(**common, source="s"),
        "adjust": lambda: ledger.adjust(**common | {"points": points - 30 or 1}, operator="staff:1", reason="r"),
        "reverse": lambda: ledger.reverse(entry=some, key=key, at=at, points=part),
        "hold": lambda: ledger.hold(**common, source="s", until=at),
        "capture": lambda: ledger.capture(hold=hold, at=at, points=part),
        "release": lambda: ledger.release(hold=hold, at=at),
        "expire": lambda: ledger.expire(at=at, limit=points),
    }
    with suppress(DomainError):
        verbs[verb]()
