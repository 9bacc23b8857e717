"""What a tag's rule asks about: a tag that needs itself would never come off again."""

from typing import Any

from members.models import Segment, Tag
from members.rules.segments import tags_in


def tags_behind(*, segment_id: int, rule: Any = None) -> frozenset[int]:
    """The tags that a segment asks for (`rule`: if it said that), and those that the segments behind these tags ask
    for, and so on. Two queries."""
    asked = {pk: tags_in(data) for pk, data in Segment.objects.values_list("pk", "rule")}
    if rule is not None:
        asked[segment_id] = tags_in(rule)
    behind = dict(Tag.objects.filter(segment__isnull=False).values_list("pk", "segment_id"))
    found: set[int] = set()
    waiting = [segment_id]
    while waiting:
        new = asked.get(waiting.pop(), frozenset()) - found
        found |= new
        waiting += [behind[tag_id] for tag_id in sorted(new) if tag_id in behind]
    return frozenset(found)


def tag_that_needs_itself(*, segment_id: int, rule: Any) -> str:
    """The name of a tag that follows the segment and that this rule would ask for; empty: there is none."""
    behind = tags_behind(segment_id=segment_id, rule=rule)
    name = Tag.objects.filter(segment=segment_id, pk__in=behind).order_by("pk").values_list("name", flat=True).first()
    return name or ""
