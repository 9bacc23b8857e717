"""Tags that follow a segment: put on and taken off with it, beside what staff do."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from members.models import Member, MemberTag, Segment, SegmentMember, Tag
from members.selectors.segments import RuleRefused
from members.selectors.tag_rules import tags_behind
from members.services import segments, tags
from members.tasks import drop_ruleless_tags, refresh_segments
from tests.members.factories import AT, a_clerk
from tests.members.segments.test_refresh import LATER, a_segment, one, refresh, some_members

pytestmark = pytest.mark.django_db(transaction=True)


def women(**columns: object) -> tuple[Segment, Tag]:
    segment = a_segment(one("gender", "in", ["female"]))
    return segment, Tag.objects.create(name="她", segment=segment, **columns)


def tagged(tag: Tag) -> list[tuple[int, str]]:
    return sorted(MemberTag.objects.filter(tag=tag).values_list("member_id", "source"))


def put(tag: Tag, *members: Member) -> None:
    with transaction.atomic():
        tags.put_tag(tag_id=tag.pk, member_ids=[one.pk for one in members], operator_id=a_clerk().pk, at=AT)


def test_the_tag_comes_and_goes_with_the_segment() -> None:
    woman, man = some_members("female", "male")
    segment, tag = women()
    refresh(segment)
    assert tagged(tag) == [(woman.pk, "rule")]
    Member.objects.filter(pk=woman.pk).update(gender="male")
    Member.objects.filter(pk=man.pk).update(gender="female")
    refresh(segment, at=LATER)
    assert tagged(tag) == [(man.pk, "rule")]
    assert MemberTag.objects.get().at == LATER


def test_what_staff_put_no_rule_takes_away_and_no_rule_puts_twice() -> None:
    woman, man = some_members("female", "male")
    segment, tag = women()
    put(tag, woman, man)
    refresh(segment)
    assert tagged(tag) == [(woman.pk, "staff"), (man.pk, "staff")]
    Member.objects.filter(pk=woman.pk).update(gender="male")
    refresh(segment, at=LATER)
    assert tagged(tag) == [(woman.pk, "staff"), (man.pk, "staff")]


def test_what_a_rule_had_put_is_staffs_once_they_put_it_too() -> None:
    (woman,) = some_members("female")
    segment, tag = women()
    refresh(segment)
    put(tag, woman)
    Member.objects.filter(pk=woman.pk).update(gender="male")
    refresh(segment, at=LATER)
    assert tagged(tag) == [(woman.pk, "staff")]


def test_other_tags_and_members_outside_the_chunk_are_left_alone() -> None:
    first, second = some_members("female", "female")
    segment, tag = women()
    other = Tag.objects.create(name="别的")
    MemberTag.objects.create(member=first, tag=other, source="rule", at=AT)
    with transaction.atomic():
        segments.begin(segment_id=segment.pk, at=AT)
        segments.refresh_next(segment_id=segment.pk, limit=1)
    assert tagged(tag) == [(first.pk, "rule")]
    refresh(segment, limit=1, at=LATER)
    assert tagged(tag) == [(first.pk, "rule"), (second.pk, "rule")]
    assert tagged(other) == [(first.pk, "rule")]


def test_a_chunk_that_is_killed_leaves_no_tag_without_its_segment() -> None:
    some_members("female")
    segment, tag = women()
    with transaction.atomic():
        segments.begin(segment_id=segment.pk, at=AT)
    with transaction.atomic():
        segments.refresh_next(segment_id=segment.pk)
        transaction.set_rollback(True)
    assert (tagged(tag), SegmentMember.objects.count()) == ([], 0)
    refresh(segment)
    assert len(tagged(tag)) == 1


def test_several_tags_cost_the_same_statements() -> None:
    some_members("female", "female")
    segment, _ = women()

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            refresh(segment, at=LATER)
        return len(captured)

    before = statements()
    Tag.objects.create(name="她二", segment=segment)
    Tag.objects.create(name="她三", segment=segment)
    assert statements() == before
    assert MemberTag.objects.count() == 6


def test_a_tag_that_has_no_rule_any_more_loses_what_the_rule_had_put() -> None:
    woman, man = some_members("female", "male")
    segment, tag = women()
    put(tag, man)
    refresh(segment)
    Tag.objects.filter(pk=tag.pk).update(segment=None)
    assert drop_ruleless_tags(limit=1) == 1
    assert tagged(tag) == [(man.pk, "staff")]
    refresh_segments()
    assert tagged(tag) == [(man.pk, "staff")]
    assert woman.pk != man.pk


def test_a_rule_that_would_need_its_own_tag_is_refused() -> None:
    segment, tag = women()
    by_tag = a_segment(one("tags", "in", [str(tag.pk)]), name="有标签的")
    second = Tag.objects.create(name="二", segment=by_tag)
    assert tags_behind(segment_id=by_tag.pk) == {tag.pk}
    with pytest.raises(RuleRefused, match="标签「她」以这个人群为规则"), transaction.atomic():
        segments.write(segment=segment, rule=one("tags", "not_in", [str(tag.pk)]), at=LATER)
    with pytest.raises(RuleRefused), transaction.atomic():  # by way of another tag
        segments.write(segment=segment, rule=one("tags", "in", [str(second.pk)]), at=LATER)
    segment.refresh_from_db()
    assert segment.rule == one("gender", "in", ["female"])
