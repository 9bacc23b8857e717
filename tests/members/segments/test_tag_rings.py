"""A tag that asks, by way of its segment, for itself would never come off: two who write at once make no such ring."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from members.models import Segment, Tag
from members.selectors.tag_rules import tags_behind
from members.services import segments, tags
from members.services.segments import check_rule
from tests.members.factories import AT
from tests.members.segments.test_refresh import a_segment, one
from tests.members.test_races import at_once, kinds, meeting_point

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def two_who_close_a_ring(segment: Segment, tag: Tag) -> list[object]:
    """What comes of letting the tag follow the segment while the segment's rule comes to ask for the tag."""

    def act(number: int) -> object:
        with transaction.atomic():
            if number == 0:
                tags.check_rule(tag_id=tag.pk, segment_id=segment.pk)
                return Tag.objects.filter(pk=tag.pk).update(segment=segment)
            return segments.write(segment=segment, rule=one("tags", "in", [str(tag.pk)]), at=AT)

    return at_once(act, times=2)


def is_a_ring(segment: Segment, tag: Tag) -> bool:
    return Tag.objects.get(pk=tag.pk).segment_id == segment.pk and tag.pk in tags_behind(segment_id=segment.pk)


def test_of_two_who_close_a_ring_at_once_one_is_refused() -> None:
    segment, tag = a_segment(one("gender", "in", ["female"])), Tag.objects.create(name="她")
    answers = two_who_close_a_ring(segment, tag)
    assert kinds(answers) in (["RuleRefused", "int"], ["Segment", "TagNeedsItself"])
    assert not is_a_ring(segment, tag)


def test_control_without_the_lock_both_close_it(monkeypatch: pytest.MonkeyPatch) -> None:
    segment, tag, meet = a_segment(one("gender", "in", ["female"])), Tag.objects.create(name="她"), meeting_point(2)

    def and_meet(look: Callable[..., Any]) -> Callable[..., Any]:
        def looked(**about: Any) -> Any:
            found = look(**about)
            meet()
            return found

        return looked

    monkeypatch.setattr(tags, "tags_behind", and_meet(tags.tags_behind))
    monkeypatch.setattr(segments, "tag_that_needs_itself", and_meet(segments.tag_that_needs_itself))
    for module in (tags, segments):
        monkeypatch.setattr(module, "lock_tag_rules", lambda: None)
    assert kinds(two_who_close_a_ring(segment, tag)) == ["Segment", "int"]
    assert is_a_ring(segment, tag)


def test_a_rule_is_kept_with_nothing_beside_it() -> None:
    rule = one("gender", "in", ["female", "female"])
    assert check_rule(rule | {"more": 1}, segment_id=None) == one("gender", "in", ["female"])
