"""While a broadcast runs two of those it is for become one: that person gets it once, wherever the cursor stands."""

from collections.abc import Callable

import pytest
from django.db import transaction

from members.models import Broadcast, BroadcastMember, Message, Segment, SegmentMember
from members.services import broadcasts, messages, segments
from members.services.merging import merge_members
from tests.members.factories import AT
from tests.members.test_broadcast_segments import LATER, a_segment, enter, told
from tests.members.test_broadcasts import a_broadcast, members, send, start

pytestmark = pytest.mark.django_db
Audience = Callable[[list[int]], Broadcast]


def to_a_list(ids: list[int]) -> Broadcast:
    row = a_broadcast(audience="listed")
    BroadcastMember.objects.bulk_create([BroadcastMember(broadcast=row, member_id=pk) for pk in ids])
    return row


def to_a_segment(ids: list[int]) -> Broadcast:
    return a_broadcast(audience="segment", segment=a_segment(ids, kind=Segment.Kind.STATIC))


AUDIENCES = pytest.mark.parametrize("audience", [to_a_list, to_a_segment])
RETELLING = pytest.mark.parametrize("is_retold", [False, True], ids=["facts are late", "facts came"])


def merge(source: int, target: int, *, is_retold: bool) -> None:
    with transaction.atomic():
        merge_members(source_id=source, target_id=target, at=LATER)
    if is_retold:
        retell(source, target)


def retell(source: int, target: int) -> None:
    with transaction.atomic():
        messages.repoint(source_id=source, target_id=target)
        segments.repoint(source_id=source, target_id=target)


def rest(row: Broadcast) -> list[int]:
    """How many each chunk told, until it is done."""
    counts = []
    while not counts or row.state != Broadcast.State.DONE:
        counts.append(send(row, limit=2).told)
        row.refresh_from_db()
    return counts


@AUDIENCES
@RETELLING
def test_whom_the_cursor_has_passed_is_told_for_the_duplicate_that_it_had_not_reached(
    audience: Audience, is_retold: bool
) -> None:
    ids = members(6)
    row = audience(ids[1:])
    start(row)
    assert send(row, limit=2).told == 2
    merge(ids[5], ids[0], is_retold=is_retold)
    assert sum(rest(row)) == 3
    assert told(row) == sorted([*ids[1:5], ids[0]])
    assert row.told == 5


@AUDIENCES
@RETELLING
def test_who_was_told_under_the_number_of_a_duplicate_is_not_told_again(audience: Audience, is_retold: bool) -> None:
    ids = members(6)
    row = audience(ids)
    start(row)
    assert send(row, limit=2).told == 2
    merge(ids[0], ids[5], is_retold=is_retold)
    assert sum(rest(row)) == 3
    retell(ids[0], ids[5])
    assert told(row) == sorted([*ids[1:5], ids[5]])


@AUDIENCES
def test_who_was_told_under_both_numbers_before_hears_nothing_more(audience: Audience) -> None:
    ids = members(4)
    row = audience(ids)
    start(row)
    assert send(row, limit=2).told == 2
    merge(ids[1], ids[0], is_retold=False)
    assert sum(rest(row)) == 2
    assert told(row) == ids


def test_who_was_merged_before_the_start_is_told_in_turn() -> None:
    ids = members(4)
    row = to_a_list(ids[1:])
    with transaction.atomic():
        merge_members(source_id=ids[3], target_id=ids[0], at=AT)
    start(row)
    assert rest(row) == [2, 1]
    assert told(row) == ids[:3]


def test_a_merge_after_the_end_tells_nobody_again() -> None:
    ids = members(3)
    row = to_a_list(ids[1:])
    start(row)
    assert sum(rest(row)) == 2
    merge(ids[2], ids[0], is_retold=True)
    with transaction.atomic():
        assert broadcasts.send_next(broadcast_id=row.pk, at=LATER) == broadcasts.Chunk(told=0, queued=0, goes_on=False)
    assert Message.objects.count() == 2


def refreshed(segment: Segment, *, gone: int, come: int) -> None:
    """What a refresh of a rule does after a merge: the duplicate is out, who it was merged into comes in."""
    SegmentMember.objects.filter(segment=segment, member=gone).delete()
    enter(segment, [come], at=LATER)


@pytest.mark.parametrize(("source", "target"), [(5, 0), (3, 5), (4, 2)], ids=["passed", "ahead", "told before"])
def test_who_comes_into_a_segment_in_a_duplicates_place_after_the_start_is_told(source: int, target: int) -> None:
    ids = members(6)
    segment = a_segment([ids[number] for number in (1, 2, 3, 4, 5) if number != target or source == 4])
    row = a_broadcast(audience="segment", segment=segment)
    start(row)
    assert send(row, limit=2).told == 2
    merge(ids[source], ids[target], is_retold=False)
    if source != 4:
        refreshed(segment, gone=ids[source], come=ids[target])
    rest(row)
    assert told(row) == sorted({*segment_ids(row), *ids[1:3], ids[target]})
    assert row.told == len(told(row))


def segment_ids(row: Broadcast) -> list[int]:
    found = SegmentMember.objects.filter(segment=row.segment_id, member__merged_into=None)
    return list(found.values_list("member_id", flat=True))


def test_who_was_merged_before_the_start_and_comes_in_after_it_is_told() -> None:
    ids = members(4)
    segment = a_segment(ids[1:])
    merge(ids[3], ids[0], is_retold=False)
    row = a_broadcast(audience="segment", segment=segment)
    start(row)
    refreshed(segment, gone=ids[3], come=ids[0])
    assert sum(rest(row)) == 3
    assert told(row) == ids[:3]


def test_a_duplicate_that_had_left_the_segment_before_the_merge_brings_nothing() -> None:
    ids = members(4)
    segment = a_segment(ids[1:])
    row = a_broadcast(audience="segment", segment=segment)
    start(row)
    SegmentMember.objects.filter(member_id=ids[3]).delete()
    merge(ids[3], ids[0], is_retold=True)
    rest(row)
    assert told(row) == ids[1:3]
