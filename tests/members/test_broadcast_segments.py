"""A broadcast to a segment: who was in it at the start and still is, once each; and how many each way reaches."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from config.core.errors import InvalidInput
from members.models import Broadcast, Member, Message, MessageTally, Segment, SegmentMember, Tier
from members.selectors.broadcast_reach import WayReach, reach
from members.selectors.segments import CountTooLong
from members.services import broadcasts
from tests.members.factories import AT, a_member
from tests.members.messaging import agrees
from tests.members.test_broadcasts import a_broadcast, members, send, start

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(minutes=5)


def a_segment(ids: list[int], **columns: object) -> Segment:
    """A segment that is counted and holds these members."""
    state = {"state": "ready", "refreshed_at": AT, "members_count": len(ids)}
    row = Segment.objects.create(**{"name": "铁粉", "created_at": AT, **state, **columns})
    enter(row, ids)
    return row


def enter(segment: Segment, ids: list[int], *, at: object = AT) -> None:
    SegmentMember.objects.bulk_create([SegmentMember(segment=segment, member_id=pk, entered_at=at) for pk in ids])


def told(row: Broadcast) -> list[int]:
    return sorted(Message.objects.filter(broadcast=row).values_list("member_id", flat=True))


def test_only_who_is_in_the_segment_is_told_chunk_by_chunk_once_each() -> None:
    ids = members(20)
    row = a_broadcast(audience="segment", segment=a_segment(ids[::2]))
    start(row)
    assert [send(row, limit=4).told for _ in range(4)] == [4, 4, 2, 0]
    row.refresh_from_db()
    assert (row.state, row.told, told(row)) == ("done", 10, ids[::2])


def test_who_comes_in_after_the_start_is_not_told_and_who_left_before_their_turn_neither() -> None:
    ids = members(6)
    segment = a_segment(ids[:4])
    row = a_broadcast(audience="segment", segment=segment)
    start(row)
    assert send(row, limit=2).told == 2
    with transaction.atomic():
        broadcasts.pause(broadcast_id=row.pk)
    enter(segment, ids[4:], at=LATER)
    SegmentMember.objects.filter(member_id__in=[ids[0], ids[2]]).delete()  # one was told already
    with transaction.atomic():
        broadcasts.resume(broadcast_id=row.pk)
    assert send(row).told == 1
    assert told(row) == [ids[0], ids[1], ids[3]]


def test_who_closed_the_account_is_not_told() -> None:
    ids = members(2)
    Member.objects.filter(pk=ids[0]).update(status="closed")
    row = a_broadcast(audience="segment", segment=a_segment(ids))
    assert reach(broadcast=row, at=AT).members == 1
    start(row)
    send(row)
    assert told(row) == [ids[1]]


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"state": "waiting", "refreshed_at": None}, "人群还没有计算好"),
        ({"state": "failed"}, "人群还没有计算好"),
        ({"is_enabled": False}, "人群已停用"),
    ],
)
def test_a_segment_that_does_not_say_who_is_in_it_is_refused(columns: dict[str, object], sentence: str) -> None:
    row = a_broadcast(audience="segment", segment=a_segment(members(1), **columns))
    with pytest.raises(InvalidInput, match=sentence), transaction.atomic():
        broadcasts.start(broadcast_id=row.pk, at=AT)
    row.refresh_from_db()
    assert row.state == "draft"


def test_a_large_segment_is_walked_by_its_index() -> None:
    ids = members(50)
    for name in "乙丙丁戊己庚":
        a_segment(ids, name=name)  # whose rows an index by member alone would pass, too
    row = a_broadcast(audience="segment", segment=a_segment(ids))
    start(row)
    with CaptureQueriesContext(connection) as captured:
        send(row, limit=5)
    sql = next(one["sql"] for one in captured if 'FROM "members_segmentmember"' in one["sql"])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE members_segmentmember, members_member")
        for way in ("seqscan", "bitmapscan", "sort", "incremental_sort", "hashjoin", "mergejoin"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
        cursor.execute(f"EXPLAIN {sql}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "segmentmember_once" in plan
    assert "Sort" not in plan


def test_the_preview_counts_consent_addresses_and_full_days() -> None:
    reached, unwilling, full = (a_member(phone=f"1380000000{n}") for n in (1, 2, 3))
    (nameless,) = members(1)
    for member in (reached, full, Member.objects.get(pk=nameless)):
        agrees(member)
    MessageTally.objects.create(
        member=full, purpose="marketing", day=AT.date(), day_count=2, week=AT.date(), week_count=2
    )
    outside = a_member(phone="13800000009")
    agrees(outside)
    segment = a_segment([reached.pk, unwilling.pk, full.pk, nameless])
    row = a_broadcast(audience="segment", segment=segment)
    found = reach(broadcast=row, at=AT)
    assert found.ways == (WayReach(name="短信", reached=1, unwilling=1, without_address=1, capped=1),)
    assert (found.members, found.leaves_at) == (4, None)


@pytest.mark.parametrize(("audience", "number"), [("all", 3), ("tier", 1), ("listed", 1)])
def test_every_kind_of_audience_is_counted_the_same_way(audience: str, number: int) -> None:
    members(2)
    gold = a_member()
    agrees(gold)
    tier = Tier.objects.get(code="gold")
    Member.objects.filter(pk=gold.pk).update(tier=tier)
    row = a_broadcast(audience=audience, tier=tier if audience == "tier" else None)
    if audience == "listed":
        with transaction.atomic():
            broadcasts.list_members(broadcast_id=row.pk, numbers=["00000001"])
    found = reach(broadcast=row, at=AT)
    assert found.members == number
    (sms,) = found.ways
    assert sms.reached == (0 if audience == "listed" else 1)
    assert sms.reached + sms.unwilling + sms.without_address + sms.capped == number


def test_what_would_leave_at_night_says_when_it_does() -> None:
    night = AT.replace(hour=23)
    row = a_broadcast()
    members(1)
    found = reach(broadcast=row, at=night)
    assert found.leaves_at is not None
    assert found.leaves_at > night


def test_a_count_that_takes_long_is_given_up_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    from members.selectors import broadcast_reach

    monkeypatch.setitem(broadcast_reach._HAS_ADDRESS, "sms", "pg_sleep(2) IS NOT NULL")  # type: ignore[arg-type]
    agrees(a_member())
    with transaction.atomic(), pytest.raises(CountTooLong):
        reach(broadcast=a_broadcast(), at=AT, seconds=0.1)
    assert Member.objects.count() == 1  # the transaction goes on
