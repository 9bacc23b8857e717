"""The lunar calendar: known days, every day there and back, and the table that was picked."""

import hashlib
from datetime import date, timedelta

import pytest

from members.rules import lunar
from members.rules.lunar import YEARS, LunarDay, in_words, months_of, to_lunar, to_solar


def test_the_table_is_the_one_that_was_picked() -> None:
    digest = hashlib.sha256(",".join(YEARS).encode()).hexdigest()
    assert (len(YEARS), digest) == (201, "66343b3b808caea471d7361a00f0eda180954ca5804b5c9205448825906291b4")


@pytest.mark.parametrize(
    ("day", "found"),
    [
        (date(1900, 1, 31), (1900, 1, 1, False)),  # 春节, the first day of the table
        (date(2020, 5, 23), (2020, 4, 1, True)),  # 闰四月初一
        (date(2023, 3, 22), (2023, 2, 1, True)),  # 闰二月初一
        (date(2025, 1, 29), (2025, 1, 1, False)),  # 春节
        (date(2026, 2, 17), (2026, 1, 1, False)),  # 春节
        (date(2026, 9, 25), (2026, 8, 15, False)),  # 中秋
        (date(2033, 12, 22), (2033, 11, 1, True)),  # 闰冬月, the year that old tables have wrong
    ],
)
def test_known_days(day: date, found: tuple[int, int, int, bool]) -> None:
    seen = to_lunar(day)
    assert seen is not None
    assert seen[:4] == found


def test_every_day_of_the_table_goes_there_and_back() -> None:
    day, end = date(1900, 1, 31), date(2101, 1, 29)
    while day < end:
        found = to_lunar(day)
        assert found is not None
        assert to_solar(year=found.year, month=found.month, day=found.day, is_leap=found.is_leap) == day
        day += timedelta(days=7)
    assert (to_lunar(date(1900, 1, 30)), to_lunar(end)) == (None, None)


@pytest.mark.parametrize(
    ("year", "month", "day", "is_leap"),
    [(2026, 13, 1, False), (2026, 1, 31, False), (2026, 1, 0, False), (2026, 1, 1, True), (1899, 1, 1, False)],
)
def test_a_day_that_is_none_has_no_date(year: int, month: int, day: int, is_leap: bool) -> None:
    assert to_solar(year=year, month=month, day=day, is_leap=is_leap) is None


def test_days_are_said_in_words() -> None:
    said = [in_words(month=m, day=d) for m, d in [(1, 1), (8, 15), (11, 20), (12, 23), (2, 30), (5, 10)]]
    assert said == ["正月初一", "八月十五", "冬月二十", "腊月廿三", "二月三十", "五月初十"]
    assert in_words(month=4, day=3, is_leap=True) == "闰四月初三"


def test_a_leap_month_follows_the_month_whose_number_it_has() -> None:
    assert [(one.number, one.is_leap) for one in months_of(2020)][3:6] == [(4, False), (4, True), (5, False)]
    assert isinstance(to_lunar(date(2020, 6, 1)), LunarDay)
    assert lunar.months_of(2101) == ()
