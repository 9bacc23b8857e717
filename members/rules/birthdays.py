"""Birthdays by either calendar: which are possible, how they are kept, and whose a day is."""

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from types import MappingProxyType
from typing import Literal, NamedTuple

from config.core.errors import InvalidInput
from config.core.time import add_months
from members.rules import lunar

Calendar = Literal["solar", "lunar"]

_OLDEST = 120
_WRITTEN = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Birthday:
    """The day of birth, and by which calendar it is celebrated; `month_day` (MMDD) is of that calendar."""

    born: date
    calendar: Calendar
    month_day: str
    is_leap: bool = False


class Celebrated(NamedTuple):
    """The month-days (MMDD) that are celebrated on a day, by calendar."""

    solar: tuple[str, ...]
    lunar: tuple[str, ...]


def read_birthday(text: str, *, calendar: str = "solar", is_leap: bool = False, today: date) -> Birthday:
    """The birthday written YYYY-MM-DD in that calendar. Raises InvalidInput."""
    if calendar not in {"solar", "lunar"}:
        raise InvalidInput(birthday_calendar="请选择公历或农历")
    written = _WRITTEN.fullmatch(text.strip())
    if written is None:
        raise InvalidInput(birthday="请填写正确的日期，例如 1990-05-20")
    year, month, day = map(int, written.groups())
    born = _solar(year, month, day) if calendar == "solar" else _lunar(year, month, day, is_leap)
    check_birthday(birthday=born, today=today)
    return birthday_of(born, calendar="solar" if calendar == "solar" else "lunar")


def birthday_of(born: date, *, calendar: Calendar) -> Birthday:
    """That day of birth, celebrated by that calendar; days that the lunar table lacks stay solar."""
    found = lunar.to_lunar(born) if calendar == "lunar" else None
    if found is None:
        return Birthday(born=born, calendar="solar", month_day=f"{born:%m%d}")
    month_day = f"{found.month:02}{found.day:02}"
    return Birthday(born=born, calendar="lunar", month_day=month_day, is_leap=found.is_leap)


def check_birthday(*, birthday: date, today: date) -> None:
    """Refuse a birthday that can't be. Raises InvalidInput."""
    if birthday > today:
        raise InvalidInput(birthday="生日不能晚于今天")
    if today.year - birthday.year > _OLDEST:
        raise InvalidInput(birthday="请填写真实的生日")


def celebrated(day: date) -> Celebrated:
    """Whose birthday a day is: 29 February on the 28th of a common year, 三十 on the 29th of a month that has no 30th.

    Who was born in a month that came twice celebrates in the first one of that number, every year.
    """
    solar = [f"{day:%m%d}"]
    if (day.month, day.day) == (2, 28) and not calendar.isleap(day.year):
        solar.append("0229")
    found = lunar.to_lunar(day)
    if found is None or found.is_leap:
        return Celebrated(tuple(solar), ())
    days = [found.day, 30] if found.is_last and found.day == 29 else [found.day]
    return Celebrated(tuple(solar), tuple(f"{found.month:02}{one:02}" for one in days))


@cache
def lunar_days_by_month(year: int) -> Mapping[int, tuple[str, ...]]:
    """The lunar month-days (MMDD) that are celebrated in each month of that solar year.

    A day late in the lunar year may stand in both January and December, or in no month at all.
    """
    days = (date(year, 1, 1) + timedelta(days=n) for n in range(366 if calendar.isleap(year) else 365))
    found: dict[int, list[str]] = {month: [] for month in range(1, 13)}
    for day in days:
        found[day.month] += celebrated(day).lunar
    return MappingProxyType({month: tuple(month_days) for month, month_days in found.items()})


def years_of(day: date) -> tuple[str, str]:
    """The year of a birthday on that day, by the solar calendar and by the lunar one: each has every birthday once.

    A day late in the lunar year falls into one solar year twice, and into another not at all.
    """
    found = lunar.to_lunar(day)
    return str(day.year), str(found.year if found else day.year)


def changeable_from(*, changed: date | None) -> date | None:
    """The first day on which a birthday set or changed then may be changed again: a year later; None: at any time."""
    return None if changed is None else add_months(changed, 12)


def month_day_in_words(month_day: str, *, calendar: str, is_leap: bool) -> str:
    """5 月 20 日, 农历八月十五; empty for none."""
    if not month_day:
        return ""
    month, day = int(month_day[:2]), int(month_day[2:])
    if calendar == "lunar":
        return f"农历{lunar.in_words(month=month, day=day, is_leap=is_leap)}"
    return f"{month} 月 {day} 日"


def _solar(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise InvalidInput(birthday="没有这一天，请检查年月日") from error


def _lunar(year: int, month: int, day: int, is_leap: bool) -> date:
    born = lunar.to_solar(year=year, month=month, day=day, is_leap=is_leap)
    if born is None:
        raise InvalidInput(birthday=f"农历 {year} 年没有这一天，请检查月、日和闰月")
    return born
