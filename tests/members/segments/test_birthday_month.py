"""生日月份 asks for the month of this year in which a birthday is celebrated, whatever calendar it is kept by."""

from datetime import datetime

import pytest

from config.core.db import fetch_all
from config.core.time import SHANGHAI
from members.models import Member
from members.ports import Scope
from members.rules.segments import Condition, Group, Rule
from members.selectors.segments import WHOLE, members_where
from members.services.profiles import ProfileChange, save_profile
from tests.members.factories import AT, a_member

pytestmark = pytest.mark.django_db
MONTHS = tuple(f"{month:02}" for month in range(1, 13))


def born(day: str, *, calendar: str = "lunar", is_leap: bool = False, phone: str = "13900000001") -> Member:
    member = a_member(phone=phone)
    change = ProfileChange(birthday=day, birthday_calendar=calendar, birthday_is_leap=is_leap)
    save_profile(member_id=member.pk, change=change, at=AT)
    return member


def found(*months: str, year: int, operator: str = "in") -> list[int]:
    condition = Condition(field="birthday_month", operator=operator, value=months)
    scope = Scope(after_id=0, upto_id=WHOLE, at=datetime(year, 6, 1, 12, tzinfo=SHANGHAI))
    where = members_where(rule=Rule(groups=(Group(conditions=(condition,)),)), scope=scope)
    sql = f"SELECT m.id FROM members_member m WHERE {where.sql} ORDER BY m.id"
    return [pk for (pk,) in fetch_all(sql, where.params)]  # type: ignore[arg-type]


def months_of(member: Member, *, year: int) -> list[int]:
    return [int(month) for month in MONTHS if member.pk in found(month, year=year)]


def test_mid_autumn_is_in_september_of_one_year_and_in_october_of_another() -> None:
    member = born("1990-08-15")
    assert Member.objects.get(pk=member.pk).birthday_month_day == "0815"
    assert {year: months_of(member, year=year) for year in (2025, 2026, 2028)} == {2025: [10], 2026: [9], 2028: [10]}


def test_who_was_born_in_a_leap_month_counts_where_the_first_one_of_that_number_falls() -> None:
    member = born("1990-05-01", is_leap=True)
    assert Member.objects.get(pk=member.pk).birthday_is_leap
    # 2020: 闰四月 pushes 五月初一 to 21 June; 2009: 闰五月初一 is on 23 June, 五月初一 on 24 May
    assert {year: months_of(member, year=year) for year in (2020, 2009, 2026)} == {2020: [6], 2009: [5], 2026: [6]}


def test_a_day_late_in_the_lunar_year_counts_twice_in_one_year_and_not_at_all_in_another() -> None:
    member = born("1990-11-20")
    assert {year: months_of(member, year=year) for year in (2025, 2026)} == {2025: [], 2026: [1, 12]}


def test_a_solar_birthday_is_in_its_own_month_every_year() -> None:
    member = born("1990-08-15", calendar="solar")
    assert [months_of(member, year=year) for year in (2025, 2026)] == [[8], [8]]


def test_the_contrary_finds_everybody_else_also_who_has_said_no_birthday() -> None:
    autumn, summer = born("1990-08-15"), born("1990-08-15", calendar="solar", phone="13900000002")
    silent = a_member(phone="13900000003")
    assert found("08", "09", year=2026) == [autumn.pk, summer.pk]
    assert found("09", year=2026, operator="not_in") == [summer.pk, silent.pk]
    assert found(*MONTHS, year=2026, operator="not_in") == [silent.pk]


def test_a_month_that_is_none_finds_nobody() -> None:
    born("1990-08-15")
    assert found("13", "x", year=2026) == []
