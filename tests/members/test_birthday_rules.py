"""Birthdays by either calendar."""

from datetime import date

import pytest

from config.core.errors import InvalidInput
from members.rules.birthdays import (
    birthday_of,
    celebrated,
    changeable_from,
    check_birthday,
    lunar_days_by_month,
    month_day_in_words,
    read_birthday,
)

TODAY = date(2026, 11, 18)


def test_a_lunar_birthday_is_kept_as_the_date_it_was() -> None:
    read = read_birthday("1990-08-15", calendar="lunar", today=TODAY)
    assert (read.born, read.calendar, read.month_day, read.is_leap) == (date(1990, 10, 3), "lunar", "0815", False)
    leap = read_birthday("1990-05-01", calendar="lunar", is_leap=True, today=TODAY)
    assert (leap.born, leap.month_day, leap.is_leap) == (date(1990, 6, 23), "0501", True)


def test_a_solar_birthday_is_read_with_and_without_zeros() -> None:
    assert read_birthday(" 1990-5-1 ", today=TODAY) == birthday_of(date(1990, 5, 1), calendar="solar")


@pytest.mark.parametrize(
    ("text", "calendar", "field", "sentence"),
    [
        ("2026-11-19", "solar", "birthday", "生日不能晚于今天"),
        ("2026-10-11", "lunar", "birthday", "生日不能晚于今天"),
        ("1905-01-01", "solar", "birthday", "请填写真实的生日"),
        ("1990-02-30", "solar", "birthday", "没有这一天，请检查年月日"),
        ("1990-01-31", "lunar", "birthday", "农历 1990 年没有这一天，请检查月、日和闰月"),
        ("1990-5", "solar", "birthday", "请填写正确的日期，例如 1990-05-20"),
        ("１９９０-05-01", "solar", "birthday", "请填写正确的日期，例如 1990-05-20"),
        ("1990-05-01", "mayan", "birthday_calendar", "请选择公历或农历"),
    ],
)
def test_a_birthday_that_can_not_be_has_its_sentence(text: str, calendar: str, field: str, sentence: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_birthday(text, calendar=calendar, today=TODAY)
    assert refusal.value.fields == {field: sentence}


def test_today_is_a_possible_birthday() -> None:
    check_birthday(birthday=TODAY, today=TODAY)


def test_29_february_is_celebrated_on_the_28th_of_a_common_year() -> None:
    assert celebrated(date(2027, 2, 28)).solar == ("0228", "0229")
    assert celebrated(date(2028, 2, 28)).solar == ("0228",)
    assert celebrated(date(2028, 2, 29)).solar == ("0229",)


def test_the_30th_is_celebrated_on_the_29th_of_a_short_lunar_month() -> None:
    assert celebrated(date(2026, 3, 18)).lunar == ("0130",)  # 正月 of 2026 has 30 days
    assert celebrated(date(2025, 2, 27)).lunar == ("0130",)
    assert celebrated(date(2026, 4, 16)).lunar == ("0229", "0230")  # 二月 of 2026 has 29


def test_the_second_month_of_a_number_is_nobodys_birthday() -> None:
    assert celebrated(date(2020, 4, 23)).lunar == ("0401",)
    assert celebrated(date(2020, 5, 23)).lunar == ()  # 闰四月初一


def test_outside_the_table_there_is_no_lunar_birthday() -> None:
    assert celebrated(date(2150, 1, 1)) == (("0101",), ())


def months_of(month_day: str, *, year: int) -> list[int]:
    return [month for month, days in lunar_days_by_month(year).items() if month_day in days]


@pytest.mark.parametrize(
    ("month_day", "year", "months"),
    [
        ("0815", 2025, [10]),  # 6 October
        ("0815", 2026, [9]),  # 25 September
        ("0601", 2025, [6]),  # 25 June; the 闰六月 that begins on 25 July is nobody's
        ("0401", 2020, [4]),  # 23 April; 闰四月初一 was 23 May
        ("0501", 2020, [6]),  # 21 June, after 闰四月
        ("0230", 2026, [4]),  # 二月 has 29 days: 16 April
        ("1120", 2026, [1, 12]),  # 8 January of 农历 2025, 28 December of 农历 2026
        ("1120", 2025, []),  # 20 December 2024, then 8 January 2026
    ],
)
def test_a_lunar_birthday_falls_into_the_solar_month_of_its_year(month_day: str, year: int, months: list[int]) -> None:
    assert months_of(month_day, year=year) == months


def test_outside_the_table_no_month_has_lunar_birthdays() -> None:
    assert lunar_days_by_month(2150) == dict.fromkeys(range(1, 13), ())


def test_a_birthday_may_change_again_a_year_later() -> None:
    assert changeable_from(changed=None) is None
    assert changeable_from(changed=date(2024, 2, 29)) == date(2025, 2, 28)


def test_month_and_day_are_said_by_their_calendar() -> None:
    assert month_day_in_words("0520", calendar="solar", is_leap=False) == "5 月 20 日"
    assert month_day_in_words("0815", calendar="lunar", is_leap=False) == "农历八月十五"
    assert month_day_in_words("", calendar="solar", is_leap=False) == ""
