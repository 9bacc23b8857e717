"""The Chinese lunar calendar from 1900 to 2100, by a table.

The table is that of borax 4.1.3 (PyPI, MIT licence), which follows the Hong Kong Observatory's almanac: a year per
number, bits 15 to 4 say which of the twelve months have 30 days, the last digit names the month that comes twice, bit
16 says whether that second one has 30. tests/members/test_lunar.py pins its hash and days that are known.
"""

from datetime import date, timedelta
from functools import cache
from itertools import accumulate
from typing import NamedTuple

FIRST_YEAR = 1900
_FIRST_DAY = date(1900, 1, 31)
_TABLE = """
04bd8 04ae0 0a570 054d5 0d260 0d950 16554 056a0 09ad0 055d2
04ae0 0a5b6 0a4d0 0d250 1d255 0b540 0d6a0 0ada2 095b0 14977
04970 0a4b0 0b4b5 06a50 06d40 1ab54 02b60 09570 052f2 04970
06566 0d4a0 0ea50 16a95 05ad0 02b60 186e3 092e0 1c8d7 0c950
0d4a0 1d8a6 0b550 056a0 1a5b4 025d0 092d0 0d2b2 0a950 0b557
06ca0 0b550 15355 04da0 0a5b0 14573 052b0 0a9a8 0e950 06aa0
0aea6 0ab50 04b60 0aae4 0a570 05260 0f263 0d950 05b57 056a0
096d0 04dd5 04ad0 0a4d0 0d4d4 0d250 0d558 0b540 0b6a0 195a6
095b0 049b0 0a974 0a4b0 0b27a 06a50 06d40 0af46 0ab60 09570
04af5 04970 064b0 074a3 0ea50 06b58 05ac0 0ab60 096d5 092e0
0c960 0d954 0d4a0 0da50 07552 056a0 0abb7 025d0 092d0 0cab5
0a950 0b4a0 0baa4 0ad50 055d9 04ba0 0a5b0 15176 052b0 0a930
07954 06aa0 0ad50 05b52 04b60 0a6e6 0a4e0 0d260 0ea65 0d530
05aa0 076a3 096d0 04afb 04ad0 0a4d0 1d0b6 0d250 0d520 0dd45
0b5a0 056d0 055b2 049b0 0a577 0a4b0 0aa50 1b255 06d20 0ada0
14b63 09370 049f8 04970 064b0 168a6 0ea50 06b20 1a6c4 0aae0
092e0 0d2e3 0c960 0d557 0d4a0 0da50 05d55 056a0 0a6d0 055d4
052d0 0a9b8 0a950 0b4a0 0b6a6 0ad50 055a0 0aba4 0a5b0 052b0
0b273 06930 07337 06aa0 0ad50 14b55 04b60 0a570 054e4 0d260
0e968 0d520 0daa0 16aa6 056d0 04ae0 0a9d4 0a4d0 0d150 0f252
0d520
"""
YEARS = _TABLE.split()
_MONTHS = ("正月", "二月", "三月", "四月", "五月", "六月", "七月", "八月", "九月", "十月", "冬月", "腊月")
_DIGITS = "一二三四五六七八九十"


class Month(NamedTuple):
    """A lunar month, the second one of a number when `is_leap`."""

    number: int
    is_leap: bool
    days: int


class LunarDay(NamedTuple):
    """A day of the lunar calendar; `is_last`: its month has no later one."""

    year: int
    month: int
    day: int
    is_leap: bool
    is_last: bool


@cache
def months_of(year: int) -> tuple[Month, ...]:
    """The twelve or thirteen months of a lunar year; none outside the table."""
    if not FIRST_YEAR <= year < FIRST_YEAR + len(YEARS):
        return ()
    bits = int(YEARS[year - FIRST_YEAR], 16)
    months = [Month(number, False, 29 + (bits >> (16 - number) & 1)) for number in range(1, 13)]
    leap = bits & 0xF
    if leap:
        months.insert(leap, Month(leap, True, 29 + (bits >> 16 & 1)))
    return tuple(months)


def to_solar(*, year: int, month: int, day: int, is_leap: bool = False) -> date | None:
    """The date of a lunar day; None when there is no such day."""
    passed = _year_starts().get(year)
    for one in months_of(year):
        if (one.number, one.is_leap) == (month, is_leap):
            return _FIRST_DAY + timedelta(days=(passed or 0) + day - 1) if 1 <= day <= one.days else None
        passed = (passed or 0) + one.days
    return None


def to_lunar(day: date) -> LunarDay | None:
    """The lunar day of a date; None outside the table."""
    left = (day - _FIRST_DAY).days
    year = next((year for year, start in reversed(_year_starts().items()) if 0 <= start <= left), 0)
    left -= _year_starts().get(year, 0)
    for one in months_of(year):
        if left < one.days:
            return LunarDay(year, one.number, left + 1, one.is_leap, left + 1 == one.days)
        left -= one.days
    return None


def in_words(*, month: int, day: int, is_leap: bool = False) -> str:
    """八月十五, 闰四月初三."""
    tens, ones = divmod(day, 10)
    word = ("初", "十", "廿")[tens] + _DIGITS[ones - 1] if ones else ("", "初十", "二十", "三十")[tens]
    return f"{'闰' if is_leap else ''}{_MONTHS[month - 1]}{word}"


@cache
def _year_starts() -> dict[int, int]:
    lengths = [sum(month.days for month in months_of(FIRST_YEAR + n)) for n in range(len(YEARS))]
    return {FIRST_YEAR + n: start for n, start in enumerate(accumulate([0, *lengths[:-1]]))}
