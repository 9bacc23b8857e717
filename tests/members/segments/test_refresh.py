"""Who is in a segment after a refresh, and after one that was killed."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from config.outbox.models import Message
from members.models import Member, Segment, SegmentMember, Tag
from members.selectors.segments import CountTooLong, count_members, read_rule, segments_of
from members.services import segments, tags
from members.services.merging import merge_members
from members.tasks import refresh_segments
from tests.members.factories import AT, a_clerk, a_member

pytestmark = pytest.mark.django_db(transaction=True)
LATER = AT + timedelta(days=1)


def one(field: str, operator: str, value: Any, days: int | None = None) -> dict[str, Any]:
    condition = {"field": field, "operator": operator, "value": value, "days": days}
    return {"match": "all", "groups": [{"match": "all", "negated": False, "conditions": [condition]}]}


def a_segment(rule: dict[str, Any], name: str = "女会员") -> Segment:
    with transaction.atomic():
        return segments.write(segment=Segment(name=name), rule=rule, at=AT)


def some_members(*genders: str) -> list[Member]:
    members = [a_member(phone=f"1380000{1000 + number}") for number in range(len(genders))]
    for member, gender in zip(members, genders, strict=True):
        Member.objects.filter(pk=member.pk).update(gender=gender)
    return members


def refresh(segment: Segment, *, limit: int = 20_000, at: Any = AT) -> list[segments.Refreshed]:
    with transaction.atomic():
        segments.begin(segment_id=segment.pk, at=at)
    chunks = []
    while not chunks or not chunks[-1].is_done:
        with transaction.atomic():
            chunks.append(segments.refresh_next(segment_id=segment.pk, limit=limit))
    segment.refresh_from_db()
    return chunks


def inside(segment: Segment) -> set[int]:
    return set(SegmentMember.objects.filter(segment=segment).values_list("member_id", flat=True))


def entered() -> list[list[int]]:
    found = Message.objects.filter(event="members.SegmentEntered").order_by("pk")
    return [message.payload["member_ids"] for message in found]


def test_whom_the_rule_describes_comes_in_and_the_others_go() -> None:
    woman, man, unsaid = some_members("female", "male", "")
    segment = a_segment(one("gender", "in", ["female"]))
    assert (segment.state, segment.members_count, segment.refreshed_at) == ("waiting", 0, None)
    refresh(segment)
    assert inside(segment) == {woman.pk}
    assert (segment.state, segment.members_count, segment.refreshed_at) == ("ready", 1, AT)
    Member.objects.filter(pk=woman.pk).update(gender="male")
    Member.objects.filter(pk=unsaid.pk).update(gender="female")
    refresh(segment, at=LATER)
    assert inside(segment) == {unsaid.pk}
    assert segments_of(member_id=unsaid.pk) == {segment.pk}
    assert segments_of(member_id=man.pk) == set()


def test_entering_is_reported_from_the_second_refresh_of_a_rule_on() -> None:
    woman, man = some_members("female", "male")
    segment = a_segment(one("gender", "in", ["female"]))
    refresh(segment)
    assert entered() == []
    Member.objects.filter(pk=man.pk).update(gender="female")
    refresh(segment, at=LATER)
    assert entered() == [[man.pk]]
    refresh(segment, at=LATER + timedelta(hours=1))
    assert entered() == [[man.pk]]
    with transaction.atomic():
        segments.write(segment=segment, rule=one("gender", "not_in", ["x"]), at=LATER)
    assert (segment.state, segment.refreshed_at) == ("waiting", None)
    refresh(segment, at=LATER)
    assert inside(segment) == {woman.pk, man.pk}
    assert entered() == [[man.pk]]


def test_what_staff_save_leaves_a_refresh_under_way_where_it_is() -> None:
    some_members("female", "female")
    segment = a_segment(one("gender", "in", ["female"]))
    opened = Segment.objects.get(pk=segment.pk)
    refresh(segment)
    opened.note = "改了说明"
    with transaction.atomic():
        segments.write(segment=opened, rule=opened.rule, at=LATER)
    segment.refresh_from_db()
    assert (segment.note, segment.state, segment.members_count, segment.refreshed_at) == ("改了说明", "ready", 2, AT)


def test_a_refresh_that_was_cut_off_goes_on_where_it_was() -> None:
    members = some_members("female", "female", "female")
    segment = a_segment(one("gender", "in", ["female"]))
    with transaction.atomic():
        segments.begin(segment_id=segment.pk, at=AT)
        segments.refresh_next(segment_id=segment.pk, limit=1)
    with transaction.atomic():
        segments.refresh_next(segment_id=segment.pk, limit=1)
        transaction.set_rollback(True)  # killed before the commit
    segment.refresh_from_db()
    assert inside(segment) == {members[0].pk}
    assert (segment.state, segment.run_after_id) == ("running", members[0].pk)
    chunks = refresh(segment, limit=1, at=LATER)
    assert [chunk.entered for chunk in chunks] == [1, 1, 0]
    assert inside(segment) == {member.pk for member in members}
    assert segment.refreshed_at == AT  # as of when it began


def test_the_task_refreshes_what_is_in_use() -> None:
    some_members("female", "male")
    used, unused = a_segment(one("gender", "in", ["female"])), a_segment(one("gender", "in", ["male"]), name="男会员")
    Segment.objects.filter(pk=unused.pk).update(is_enabled=False)
    assert refresh_segments() == 1
    assert (len(inside(used)), len(inside(unused))) == (1, 0)
    assert refresh_segments(segment_id=unused.pk) == 1
    assert refresh_segments() == 0


def test_a_segment_that_fails_is_logged_and_keeps_no_other_waiting(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    some_members("female", "male")
    broken, fine = a_segment(one("gender", "in", ["female"])), a_segment(one("gender", "in", ["male"]), name="男会员")
    refresh_next = segments.refresh_next

    def fails(*, segment_id: int) -> segments.Refreshed:
        if segment_id == broken.pk:
            raise OverflowError
        return refresh_next(segment_id=segment_id)

    monkeypatch.setattr(segments, "refresh_next", fails)
    assert refresh_segments() == 1
    assert (len(inside(broken)), len(inside(fine))) == (0, 1)
    assert [record.getMessage() for record in caplog.records] == ["a segment could not be refreshed"]


def test_closed_and_merged_members_are_in_no_segment() -> None:
    woman, other = some_members("female", "female")
    segment = a_segment(one("gender", "in", ["female"]))
    refresh(segment)
    Member.objects.filter(pk=woman.pk).update(status="closed")
    refresh(segment, at=LATER)
    assert inside(segment) == {other.pk}


def test_a_rule_that_asks_for_what_is_gone_fails_and_keeps_whom_it_had() -> None:
    woman, _ = some_members("female", "male")
    segment = a_segment(one("gender", "in", ["female"]))
    refresh(segment)
    Segment.objects.filter(pk=segment.pk).update(rule=one("gone", "in", ["x"]))
    refresh(segment, at=LATER)
    assert segment.state == "failed"
    assert inside(segment) == {woman.pk}


def test_a_merge_carries_the_places_on_lists_along_and_no_others() -> None:
    source, target = some_members("female", "female")
    by_rule = a_segment(one("gender", "in", ["female"]))
    refresh(by_rule)
    with transaction.atomic():
        by_list = segments.write(segment=Segment(name="名单", kind="static"), rule=None, at=AT)
        SegmentMember.objects.create(segment=by_list, member=source, entered_at=AT)
        segments.repoint(source_id=source.pk, target_id=target.pk)
    assert inside(by_list) == {target.pk}
    assert inside(by_rule) == {target.pk}


def test_a_list_that_is_refreshed_before_the_merge_is_told_keeps_the_place() -> None:
    source, target = some_members("female", "female")
    with transaction.atomic():
        by_list = segments.write(segment=Segment(name="名单", kind="static"), rule=None, at=AT)
        SegmentMember.objects.create(segment=by_list, member=source, entered_at=AT)
        merge_members(source_id=source.pk, target_id=target.pk, at=AT)
    refresh(by_list, at=LATER)
    with transaction.atomic():
        segments.repoint(source_id=source.pk, target_id=target.pk)
    assert inside(by_list) == {target.pk}


def test_the_count_before_saving_is_the_count_afterwards() -> None:
    _, tagged, _ = some_members("female", "male", "")
    tag = Tag.objects.create(name="老客")
    with transaction.atomic():
        tags.put_tag(tag_id=tag.pk, member_ids=[tagged.pk], operator_id=a_clerk().pk, at=AT)
    for data, number in (
        (one("tags", "in", [str(tag.pk)]), 1),
        (one("tags", "not_in", [str(tag.pk)]), 2),
        (one("tags", "in", ["not a number"]), 0),
        (one("registered", "until", f"{AT:%Y-%m-%d}"), 3),
    ):
        assert count_members(rule=read_rule(data), at=AT) == number
        segment = a_segment(data, name=str(data)[-40:])
        refresh(segment)
        assert segment.members_count == number
        segment.delete()


def test_a_count_that_takes_long_is_given_up_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    from members import ports

    field = ports.segment_fields()["gender"]
    slow = ports.SegmentField(
        shape=field.shape,
        group=field.group,
        where=lambda condition, scope: ports.Fragment("pg_sleep(2) IS NOT NULL"),
        choices=field.choices,
    )
    monkeypatch.setitem(ports._segment_fields, "gender", slow)
    some_members("female")
    with transaction.atomic():
        with pytest.raises(CountTooLong) as refused:
            count_members(rule=read_rule(one("gender", "in", ["female"])), at=AT, seconds=0.1)
        assert "可以直接保存" in refused.value.text
        assert Member.objects.count() == 1  # the transaction goes on
