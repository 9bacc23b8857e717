"""What the room tells by itself: points that lapse, moves on the ladder."""

from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.db import transaction

from config.core.time import day_start
from config.outbox import publishing as outbox
from config.outbox.services.deliveries import deliver_all
from members.events import MembersMerged, TierChanged, TierExpiring
from members.models import Member, Message
from members.services.growth import post_growth
from points import ledger
from points.events import PointsLapsing
from points.services.reminders import START, remind_next
from tests.members.factories import AT, a_member
from tests.members.messaging import tell

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def member() -> Member:
    return a_member()


def published(*facts: object, at: datetime = AT) -> list[tuple[str, str]]:
    """Titles and bodies of all messages once the facts are delivered."""
    with transaction.atomic():
        outbox.publish_many(facts)  # type: ignore[arg-type]
    return delivered(at=at)


def delivered(*, at: datetime = AT) -> list[tuple[str, str]]:
    with time_machine.travel(at, tick=False):
        deliver_all(at=at, fail_fast=True)
    return list(Message.objects.order_by("pk").values_list("title", "body"))


def test_points_that_lapse_are_told_with_their_last_day(member: Member) -> None:
    gone = day_start(date(2026, 12, 1))
    with transaction.atomic():
        ledger.earn(account=member.points_account_id, points=320, key="e", source="order:1", at=AT, expires_at=gone)
    reminding = gone - timedelta(days=7)
    with transaction.atomic():
        remind_next(after=START, at=reminding, limit=10)
    assert delivered(at=reminding) == [
        ("320 积分即将到期", "您有 320 积分最晚可用到 2026-11-30，还剩 6 天，过期作废，别浪费了。")
    ]


def test_a_reminder_that_comes_too_late_or_to_nobody_says_nothing(member: Member) -> None:
    late = PointsLapsing(account_id=member.points_account_id, points=5, lapses_at=AT, days=1)
    nobody = PointsLapsing(account_id=987654, points=5, lapses_at=AT + timedelta(days=1), days=1)
    assert published(late, nobody) == []


def test_a_member_who_rises_is_congratulated(member: Member) -> None:
    with transaction.atomic():
        post_growth(member_id=member.pk, points=1200, key="g", source="order:1", at=AT, cause="order:1")
    assert delivered() == [("恭喜升级为白银会员", "您已成为白银会员，新的会员权益即刻生效，去看看多了什么。")]


def changed(member: Member, cause: str) -> TierChanged:
    return TierChanged(member_id=member.pk, old_tier_code="gold", new_tier_code="silver", cause=cause, at=AT)


def test_a_member_who_falls_is_told_and_an_import_is_no_news(member: Member) -> None:
    assert published(changed(member, "import"), changed(member, "merge:7")) == []
    assert published(changed(member, "period")) == [
        ("会员等级调整为白银会员", "您的等级由黄金会员调整为白银会员，继续积累成长值即可恢复。")
    ]


def test_a_tier_at_risk_says_what_is_missing(member: Member) -> None:
    fact = TierExpiring(
        member_id=member.pk,
        tier_code="gold",
        tier_name="黄金会员",
        lower_tier_name="白银会员",
        last_day=date(2026, 12, 31),
        days=30,
        missing_growth=1320,
        missing_cents=132000,
        at=AT,
    )
    assert published(fact, fact) == [
        ("再攒 1,320 成长值保住黄金会员", "您的黄金会员将于 2026-12-31 到期，还差 1,320 成长值即可保级。")
    ]


def test_a_merged_members_messages_are_the_targets(member: Member) -> None:
    other = a_member(phone="13800000002")
    tell(other)
    published(MembersMerged(member_id=member.pk, source_member_id=other.pk, at=AT))
    assert list(Message.objects.values_list("member_id", flat=True)) == [member.pk]
