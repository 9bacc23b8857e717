"""Campaigns for the members of a segment, and for those who come into one."""

from datetime import datetime, timedelta

import pytest
from django.db import transaction

from campaigns.models import Receipt
from campaigns.rules.definitions import parse_conditions
from campaigns.rules.fields import InvalidDefinition
from campaigns.services.granting import grant_for_occurrence, grant_for_order
from campaigns.services.merging import repoint
from campaigns.services.segment_gifts import give_for_entering
from config.core.time import SHANGHAI
from members.models import Member, Segment, SegmentMember
from members.services.merging import merge_members
from tests.campaigns.rows import LONG_AGO, a_campaign, a_member, an_order, points_of

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 18, 12, 0, tzinfo=SHANGHAI)


def a_segment(*members: Member, since: datetime = LONG_AGO) -> Segment:
    segment = Segment.objects.create(name=f"人群 {Segment.objects.count()}", kind="static", created_at=LONG_AGO)
    for member in members:
        SegmentMember.objects.create(segment=segment, member=member, entered_at=since)
    return segment


def for_segment(segment: Segment, trigger: str) -> None:
    a_campaign(
        trigger=trigger,
        conditions=[{"kind": "segment_in", "segments": [segment.pk]}],
        effects=[{"kind": "fixed_points", "points": 50}],
    )


def give(trigger: str, member: Member) -> None:
    grant_for_occurrence(trigger=trigger, member_id=member.pk, occurrence=f"{trigger}:{member.pk}", at=NOW)


def test_only_members_of_the_segment_are_given() -> None:
    inside, outside = a_member(), a_member()
    for_segment(a_segment(inside), "checked_in")
    give("checked_in", inside)
    give("checked_in", outside)
    assert [points_of(member, NOW) for member in (inside, outside)] == [50, 0]


def test_who_came_in_after_the_occurrence_is_not_given() -> None:
    member = a_member()
    for_segment(a_segment(member, since=NOW + timedelta(seconds=1)), "checked_in")
    give("checked_in", member)
    assert points_of(member, NOW) == 0


def test_an_order_counts_for_those_who_were_in_when_it_was_paid() -> None:
    before, after = a_member(), a_member()
    segment = a_segment(before)
    SegmentMember.objects.create(segment=segment, member=after, entered_at=NOW)
    for_segment(segment, "order_completed")
    for member in (before, after):
        order = an_order(member, cents=10_000, paid_at=NOW - timedelta(hours=1))
        grant_for_order(order_id=order.pk, at=NOW)
    assert [points_of(member, NOW) for member in (before, after)] == [50, 0]


def test_a_segment_that_is_switched_off_has_nobody() -> None:
    member = a_member()
    segment = a_segment(member)
    for_segment(segment, "checked_in")
    Segment.objects.filter(pk=segment.pk).update(is_enabled=False)
    give("checked_in", member)
    assert points_of(member, NOW) == 0


def test_coming_in_is_given_for_once_a_month_and_only_by_the_campaigns_of_that_segment() -> None:
    first, second = a_member(), a_member()
    named, other = a_segment(first, second), a_segment(first)
    for_segment(named, "segment_entered")
    ids = [first.pk, second.pk]
    assert give_for_entering(segment_id=named.pk, member_ids=ids, at=NOW) == 2
    assert give_for_entering(segment_id=named.pk, member_ids=ids, at=NOW + timedelta(days=1)) == 0
    assert give_for_entering(segment_id=other.pk, member_ids=[first.pk], at=NOW) == 0
    assert [points_of(member, NOW) for member in (first, second)] == [50, 50]
    assert give_for_entering(segment_id=named.pk, member_ids=ids, at=NOW + timedelta(days=30)) == 2
    assert Receipt.objects.count() == 4


def test_a_frozen_member_gets_nothing_for_coming_in() -> None:
    member = a_member()
    Member.objects.filter(pk=member.pk).update(status="frozen")
    segment = a_segment(member)
    for_segment(segment, "segment_entered")
    assert give_for_entering(segment_id=segment.pk, member_ids=[member.pk], at=NOW) == 0


def test_the_trigger_needs_a_segment_to_come_into() -> None:
    with pytest.raises(InvalidDefinition) as refused:
        parse_conditions([], trigger="segment_entered")
    assert refused.value.text == "请选择进入哪个会员人群时给"


def merged(duplicate: Member, kept: Member) -> None:
    with transaction.atomic():
        merge_members(source_id=duplicate.pk, target_id=kept.pk, at=NOW)


def test_who_came_in_as_a_duplicate_that_was_merged_since_is_given_once() -> None:
    duplicate, kept = a_member(), a_member()
    segment = a_segment(duplicate)
    for_segment(segment, "segment_entered")
    merged(duplicate, kept)
    facts = ([duplicate.pk], [duplicate.pk], [kept.pk, duplicate.pk])
    assert [give_for_entering(segment_id=segment.pk, member_ids=ids, at=NOW) for ids in facts] == [1, 0, 0]
    assert points_of(kept, NOW) == 50
    assert Receipt.objects.values_list("member", flat=True).get() == kept.pk


@pytest.mark.parametrize("is_repointed", [False, True])
def test_what_a_duplicate_was_given_for_coming_in_counts_for_who_it_was_merged_into(is_repointed: bool) -> None:
    duplicate, kept, other = a_member(), a_member(), a_member()
    segment = a_segment(duplicate, kept, other)
    for_segment(segment, "segment_entered")
    assert give_for_entering(segment_id=segment.pk, member_ids=[duplicate.pk], at=NOW) == 1
    merged(duplicate, kept)
    if is_repointed:
        repoint(source_id=duplicate.pk, target_id=kept.pk)
    assert give_for_entering(segment_id=segment.pk, member_ids=[kept.pk, other.pk], at=NOW) == 1
    assert [points_of(member, NOW) for member in (kept, other)] == [50, 50]
    assert give_for_entering(segment_id=segment.pk, member_ids=[kept.pk], at=NOW + timedelta(days=30)) == 1
