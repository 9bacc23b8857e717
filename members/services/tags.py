"""Tags on members: put on and taken off by staff, one by one or for many, and by the segment that is a tag's rule.

A tag stands on a member once; what staff put there no rule takes away, and what staff take off a rule puts on again.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar, Final, NamedTuple

from django.db import connection

from config.core.db import transaction_required
from config.core.errors import DomainError, NotFound
from members.models import MemberTag, Tag
from members.selectors.tag_rules import tags_behind
from members.services.locks import lock_tag_rules

_AT_ONCE = 5000

# in the order of members, as staff's tags are put on: whoever meets waits, and nobody in a ring
_PUT: Final = """
INSERT INTO members_membertag (member_id, tag_id, source, put_by_id, at)
SELECT s.member_id, t.id, 'rule', NULL, %(at)s
FROM members_segmentmember AS s CROSS JOIN unnest(%(tags)s::bigint[]) AS t (id)
WHERE s.segment_id = %(segment)s AND s.member_id > %(after)s AND s.member_id <= %(upto)s
    AND NOT EXISTS (SELECT FROM members_membertag AS m WHERE m.member_id = s.member_id AND m.tag_id = t.id)
ORDER BY s.member_id, t.id
ON CONFLICT DO NOTHING
"""
_TAKE: Final = """
DELETE FROM members_membertag AS m
WHERE m.tag_id = ANY(%(tags)s) AND m.source = 'rule' AND m.member_id > %(after)s AND m.member_id <= %(upto)s
    AND NOT EXISTS (
        SELECT FROM members_segmentmember AS s WHERE s.segment_id = %(segment)s AND s.member_id = m.member_id
    )
"""
_DROP: Final = """
DELETE FROM members_membertag AS m USING (
    SELECT old.id FROM members_membertag AS old JOIN members_tag AS t ON t.id = old.tag_id AND t.segment_id IS NULL
    WHERE old.source = 'rule' LIMIT %(limit)s
) AS stale WHERE stale.id = m.id
"""


class TooManyMembers(DomainError):
    """More members than one click may tag. Facts: most."""

    code: ClassVar[str] = "too_many_members"
    message: ClassVar[str] = "一次最多给 {most} 位会员打标签，请先用筛选缩小范围"


class TagNeedsItself(DomainError):
    """The segment that the tag is to follow asks, by itself or by way of other tags, for this very tag."""

    code: ClassVar[str] = "tag_needs_itself"
    message: ClassVar[str] = "这个人群的条件用到了本标签，请换一个人群"
    http_status: ClassVar[int] = 400
    field: ClassVar[str | None] = "segment"


class Refreshed(NamedTuple):
    """How many members a rule has put its tag on, and taken it off."""

    added: int
    removed: int


@transaction_required
def put_tag(*, tag_id: int, member_ids: Sequence[int], operator_id: int, at: datetime) -> int:
    """Have staff put the tag on those members; how many have it newly. What a rule had put there is staff's now.

    Raises NotFound, TooManyMembers.
    """
    tag = _locked(tag_id)
    _check_number(member_ids)
    before = MemberTag.objects.filter(tag=tag).count()
    rows = [
        MemberTag(member_id=pk, tag=tag, source=MemberTag.Source.STAFF, put_by_id=operator_id, at=at)
        for pk in sorted(set(member_ids))
    ]
    MemberTag.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["member", "tag"],
        update_fields=["source", "put_by"],
        batch_size=1000,
    )
    return MemberTag.objects.filter(tag=tag).count() - before


@transaction_required
def take_tag(*, tag_id: int, member_ids: Sequence[int]) -> int:
    """Take the tag off those members, whoever had put it there; how many had it. Raises NotFound, TooManyMembers."""
    tag = _locked(tag_id)
    _check_number(member_ids)
    return MemberTag.objects.filter(tag=tag, member_id__in=member_ids).delete()[0]


@transaction_required
def check_rule(*, tag_id: int | None, segment_id: int) -> None:
    """Whether the tag may follow the segment, as it stays until the transaction ends. Raises TagNeedsItself."""
    lock_tag_rules()
    if tag_id in tags_behind(segment_id=segment_id):
        raise TagNeedsItself()


@transaction_required
def follow_segment(*, segment_id: int, after_id: int, upto_id: int, at: datetime) -> Refreshed:
    """Make the tags that have this segment as their rule stand on exactly its members with `after_id < id <= upto_id`,
    beside those on whom staff had put them. Three statements, however many tags and members."""
    tags = Tag.objects.select_for_update(no_key=True).filter(segment=segment_id).order_by("pk")
    ids = list(tags.values_list("pk", flat=True))
    if not ids:
        return Refreshed(added=0, removed=0)
    about = {"tags": ids, "segment": segment_id, "after": after_id, "upto": upto_id, "at": at}
    return Refreshed(added=_changed(_PUT, about), removed=_changed(_TAKE, about))


@transaction_required
def drop_ruleless(*, limit: int) -> int:
    """Take off up to `limit` tags that a rule had put and whose tag has none any more; how many."""
    return _changed(_DROP, {"limit": limit})


def _changed(sql: str, params: dict[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return int(cursor.rowcount)


def _locked(tag_id: int) -> Tag:
    """The tag; two who change its members wait for each other."""
    tag = Tag.objects.select_for_update(no_key=True).filter(pk=tag_id).first()
    if tag is None:
        raise NotFound()
    return tag


def _check_number(member_ids: Sequence[int]) -> None:
    if len(member_ids) > _AT_ONCE:
        raise TooManyMembers(most=_AT_ONCE)
