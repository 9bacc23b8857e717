"""Checking in: once a day, with a streak, 10 points and 20 on every seventh day."""

from datetime import datetime, timedelta

import pytest

from campaigns.models import CheckIn, Receipt
from campaigns.services.check_in import AlreadyCheckedIn, check_in
from config.core.time import SHANGHAI
from members.models import Member
from members.services.registration import MemberClosed, MemberFrozen
from tests.campaigns.rows import a_member, points_of, presets_installed

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 1, 12, 0, tzinfo=SHANGHAI)


@pytest.fixture
def member():
    presets_installed()
    return a_member()


def days(member, *numbers):
    return [check_in(member_id=member.pk, at=NOON + timedelta(days=number)) for number in numbers]


def test_seven_days_in_a_row_give_80_points(member):
    done = days(member, *range(7))
    assert [(one.streak, one.points) for one in done] == [(1, 10), (2, 10), (3, 10), (4, 10), (5, 10), (6, 10), (7, 20)]
    assert points_of(member, NOON + timedelta(days=7)) == 80
    assert Receipt.objects.get(pk=done[6].receipt_id).steps[1]["text"] == "积分 ×2"


def test_a_missed_day_starts_the_streak_again(member):
    assert [one.streak for one in days(member, 0, 1, 3)] == [1, 2, 1]


def test_the_second_check_in_of_a_day_is_refused_and_changes_nothing(member):
    days(member, 0)
    with pytest.raises(AlreadyCheckedIn) as refusal:
        check_in(member_id=member.pk, at=NOON + timedelta(hours=11))
    assert refusal.value.text == "今天已经签到过了，明天再来吧"
    assert (CheckIn.objects.count(), points_of(member, NOON)) == (1, 10)


def test_days_turn_at_midnight_in_shanghai(member):
    last_second = datetime(2026, 11, 1, 23, 59, 59, tzinfo=SHANGHAI)
    check_in(member_id=member.pk, at=last_second)
    assert check_in(member_id=member.pk, at=last_second + timedelta(seconds=1)).streak == 2


@pytest.mark.parametrize(("status", "refusal"), [("frozen", MemberFrozen), ("closed", MemberClosed)])
def test_only_active_members_check_in(member, status, refusal):
    Member.objects.filter(pk=member.pk).update(status=status)
    with pytest.raises(refusal):
        days(member, 0)
    assert CheckIn.objects.count() == 0


def test_without_campaigns_a_check_in_counts_but_gives_nothing():
    (done,) = days(a_member(), 0)
    assert (done.streak, done.points, done.receipt_id) == (1, 0, None)
