from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.core.time import SHANGHAI, add_months, day_bounds, local_date, month_end

DAYS = st.dates(date(1990, 1, 1), date(2100, 12, 31))


def test_a_day_ends_at_midnight_in_shanghai():
    assert local_date(datetime(2026, 11, 10, 15, 59, 59, tzinfo=UTC)) == date(2026, 11, 10)
    assert local_date(datetime(2026, 11, 10, 16, 0, 0, tzinfo=UTC)) == date(2026, 11, 11)


@given(DAYS)
def test_days_follow_each_other_without_gap_or_overlap(day: date):
    start, end = day_bounds(day)
    assert local_date(start) == day
    assert local_date(end - timedelta(microseconds=1)) == day
    assert day_bounds(day + timedelta(days=1))[0] == end


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 1, 15), -1, date(2025, 12, 15)),
        (date(2026, 3, 31), 12, date(2027, 3, 31)),
        (date(2026, 3, 31), 0, date(2026, 3, 31)),
    ],
)
def test_months_are_added_up_to_the_last_day(day: date, months: int, later: date):
    assert add_months(day, months) == later


@pytest.mark.parametrize(
    ("day", "end"),
    [
        (date(2026, 2, 1), datetime(2026, 3, 1, tzinfo=SHANGHAI)),
        (date(2026, 2, 28), datetime(2026, 3, 1, tzinfo=SHANGHAI)),
        (date(2026, 12, 31), datetime(2027, 1, 1, tzinfo=SHANGHAI)),
    ],
)
def test_a_month_ends_with_the_first_instant_of_the_next(day: date, end: datetime):
    assert month_end(day) == end


@given(DAYS)
def test_the_last_instant_before_a_months_end_is_in_the_month(day: date):
    last = local_date(month_end(day) - timedelta(microseconds=1))
    assert (last.year, last.month) == (day.year, day.month)
