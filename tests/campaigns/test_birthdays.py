"""Birthday gifts reach everyone whose day it is, once a year, however often the task runs."""

from datetime import datetime

import pytest

from campaigns import tasks
from campaigns.models import Grant, Receipt
from campaigns.services.birthdays import grant_birthdays
from config.core.time import SHANGHAI
from members.models import Member
from tests.campaigns.rows import a_member, defaults, points_of, presets_installed

TODAY = datetime(2026, 11, 18, 9, 15, tzinfo=SHANGHAI)


@pytest.mark.django_db
def test_everyone_whose_day_it_is_gets_100_points_once_a_year():
    presets_installed()
    born_today, also_today, other = (
        a_member(month_day="1118"),
        a_member(month_day="1118", tier="gold"),
        a_member(month_day="1119"),
    )
    first = grant_birthdays(at=TODAY)
    again = grant_birthdays(at=TODAY.replace(hour=21))
    assert (first.members, first.points, first.last_member_id) == (2, 200, None)
    assert (again.members, again.points) == (0, 0)
    assert [points_of(member, TODAY) for member in (born_today, also_today, other)] == [100, 100, 0]
    receipt = Receipt.objects.get(member=born_today)
    assert (receipt.occurrence, receipt.points_entry.key) == (f"birthday:{born_today.pk}:2026",) * 2
    assert grant_birthdays(at=TODAY.replace(year=2027)).members == 2


@pytest.mark.django_db
def test_chunks_go_on_where_the_last_one_ended():
    presets_installed()
    members = [a_member(month_day="1118") for _ in range(3)]
    first = grant_birthdays(at=TODAY, limit=2)
    second = grant_birthdays(at=TODAY, after_member_id=first.last_member_id, limit=2)
    assert (first.members, first.last_member_id) == (2, members[1].pk)
    assert (second.members, second.last_member_id) == (1, None)


@pytest.mark.django_db
def test_a_frozen_member_gets_no_gift():
    presets_installed()
    member = a_member(month_day="1118")
    Member.objects.filter(pk=member.pk).update(status="frozen")
    assert grant_birthdays(at=TODAY).members == 0


@pytest.mark.django_db
def test_without_a_live_campaign_nothing_is_written():
    a_member(month_day="1118")
    assert grant_birthdays(at=TODAY).members == 0
    assert (Receipt.objects.count(), Grant.objects.count()) == (0, 0)


@pytest.mark.django_db
def test_whoever_keeps_the_lunar_calendar_is_given_on_the_day_that_it_names_this_year():
    presets_installed()
    lunar, solar = a_member(month_day="1010"), a_member(month_day="1010")
    Member.objects.filter(pk=lunar.pk).update(birthday_calendar="lunar")
    assert grant_birthdays(at=TODAY).members == 1  # 18 November 2026 is 农历十月初十
    assert [points_of(member, TODAY) for member in (lunar, solar)] == [100, 0]
    assert grant_birthdays(at=datetime(2026, 10, 10, 9, 15, tzinfo=SHANGHAI)).members == 1
    next_year = datetime(2027, 11, 7, 9, 15, tzinfo=SHANGHAI)  # 农历十月初十 of 2027
    assert grant_birthdays(at=next_year).members == 1


@pytest.mark.django_db
def test_a_lunar_birthday_is_given_for_in_every_lunar_year():
    presets_installed()
    member = a_member(month_day="1120")
    Member.objects.filter(pk=member.pk).update(birthday_calendar="lunar")
    days = [(2026, 1, 8), (2026, 12, 28), (2026, 12, 28), (2027, 12, 17)]  # 农历十一月二十
    given = [grant_birthdays(at=datetime(*day, 9, 15, tzinfo=SHANGHAI)).members for day in days]
    assert given == [1, 1, 0, 1]
    names = Receipt.objects.order_by("pk").values_list("occurrence", flat=True)
    assert list(names) == [f"birthday:{member.pk}:{year}" for year in (2025, 2026, 2027)]


@pytest.mark.django_db(transaction=True)
def test_the_task_runs_chunk_by_chunk_and_twice_without_harm():
    defaults()
    presets_installed()
    members = [a_member(month_day="1118") for _ in range(5)]
    assert tasks.grant_birthdays(at=TODAY.isoformat(), limit=2) == 5
    assert tasks.grant_birthdays(at=TODAY.isoformat(), limit=2) == 0
    assert [points_of(member, TODAY) for member in members] == [100] * 5
