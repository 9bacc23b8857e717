"""Reads of segments: their SQL, how many a rule describes now, and who is in which."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Final, NamedTuple

from django.db import OperationalError, connection, transaction
from psycopg.errors import QueryCanceled

from config.core.db import fetch_one
from config.core.errors import DomainError
from members.models import Segment, SegmentMember
from members.ports import Fragment, Scope, segment_fields
from members.rules.segments import Condition, Group, InvalidRule, Rule, Shape, codes_in, decode, parse, sentence

WHOLE: Final = 2**62
_SECONDS: Final = 4
# who was merged or has closed the account is in no segment; a duplicate keeps its places on lists until they have moved
_OPEN: Final = "m.merged_into_id IS NULL AND m.status <> 'closed' AND m.id > %s AND m.id <= %s"
_OPEN_OR_MERGED: Final = "(m.merged_into_id IS NOT NULL OR m.status <> 'closed') AND m.id > %s AND m.id <= %s"


class RuleRefused(DomainError):
    """The rule does not make sense. Facts: text."""

    code: ClassVar[str] = "rule_refused"
    message: ClassVar[str] = "{text}"
    http_status: ClassVar[int] = 400
    field: ClassVar[str | None] = "rule"


class CountTooLong(DomainError):
    """A count that would keep the page waiting. Facts: seconds."""

    code: ClassVar[str] = "count_too_long"
    message: ClassVar[str] = "人数较多，{seconds} 秒内没有数完；可以直接保存，保存后在后台计算"


def shapes() -> dict[str, Shape]:
    """What rules may ask about. No query."""
    return {name: field.shape for name, field in segment_fields().items()}


def read_rule(data: Any) -> Rule:
    """The typed rule in that JSON. Raises RuleRefused."""
    try:
        return parse(data, shapes=shapes())
    except InvalidRule as error:
        raise RuleRefused(text=error.text) from error


def read_text(text: str) -> Rule:
    """The typed rule in the JSON that somebody sent. Raises RuleRefused."""
    try:
        return read_rule(decode(text))
    except InvalidRule as error:
        raise RuleRefused(text=error.text) from error


def names(field: str, codes: Sequence[str]) -> dict[str, str]:
    """The words of a field's codes; those that are gone are left out."""
    asked = segment_fields()[field]
    if asked.named is not None:
        return dict(asked.named(codes))
    return dict(asked.choices()) if asked.choices is not None else {}


def in_words(rule: Rule) -> str:
    """The rule as a Chinese sentence."""
    return sentence(rule, shapes=shapes(), names=names)


def segments_that_ask(*, field: str, code: str) -> list[str]:
    """The names of the segments whose rule asks for that code of the field. One query."""
    rules = Segment.objects.exclude(rule={}).order_by("name").values_list("name", "rule")
    return [name for name, rule in rules if code in codes_in(rule, field=field)]


def members_where(*, rule: Rule, scope: Scope) -> Fragment:
    """What follows `FROM members_member m WHERE` to find whom the rule describes."""
    found = _joined([_group(one, scope) for one in rule.groups], joins_all=rule.joins_all)
    return Fragment(f"{_OPEN} AND {found.sql}", (scope.after_id, scope.upto_id, *found.params))


def listed_where(*, segment_id: int, scope: Scope) -> Fragment:
    """The same for those whom a static segment names already."""
    listed = "m.id IN (SELECT s.member_id FROM members_segmentmember s WHERE s.segment_id = %s"
    bounds = (scope.after_id, scope.upto_id)
    return Fragment(
        f"{_OPEN_OR_MERGED} AND {listed} AND s.member_id > %s AND s.member_id <= %s)", (*bounds, segment_id, *bounds)
    )


def _group(group: Group, scope: Scope) -> Fragment:
    found = _joined([_condition(one, scope) for one in group.conditions], joins_all=group.joins_all)
    return Fragment(f"NOT {found.sql}", found.params) if group.is_negated else found


def _condition(condition: Condition, scope: Scope) -> Fragment:
    """Unknown is no: a member without a birthday is neither older nor younger."""
    found = segment_fields()[condition.field].where(condition, scope)
    return Fragment(f"({found.sql}) IS TRUE", found.params)


def _joined(parts: Sequence[Fragment], *, joins_all: bool) -> Fragment:
    text = (" AND " if joins_all else " OR ").join(part.sql for part in parts)
    return Fragment(f"({text})", tuple(value for part in parts for value in part.params))


def count_members(*, rule: Rule, at: datetime, seconds: float = _SECONDS) -> int:
    """How many the rule describes now. Raises CountTooLong instead of keeping anybody waiting."""
    found = members_where(rule=rule, scope=Scope(after_id=0, upto_id=WHOLE, at=at))
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{int(seconds * 1000)}ms"])
            cursor.execute(f"SELECT count(*) FROM members_member m WHERE {found.sql}", found.params)  # noqa: S608
            count = int(cursor.fetchone()[0])
            cursor.execute("SELECT set_config('statement_timeout', '0', true)")
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise CountTooLong(seconds=int(seconds) or seconds) from error
        raise
    return count


def segments_of(*, member_id: int) -> frozenset[int]:
    """The segments that the member was in when each was refreshed last. One query."""
    return frozenset(
        SegmentMember.objects.filter(member_id=member_id, segment__is_enabled=True).values_list("segment_id", flat=True)
    )


def entered_segments(
    *, member_ids: Collection[int], segment_ids: Collection[int]
) -> Mapping[int, Mapping[int, datetime]]:
    """Of those segments, by member: which it is in, and since when. One query."""
    rows = SegmentMember.objects.filter(
        member_id__in=member_ids, segment_id__in=segment_ids, segment__is_enabled=True
    ).values_list("member_id", "segment_id", "entered_at")
    found: dict[int, dict[int, datetime]] = {}
    for member_id, segment_id, entered_at in rows:
        found.setdefault(member_id, {})[segment_id] = entered_at
    return found


def segment_names() -> dict[int, str]:
    """The segments that a campaign may choose, by id."""
    return dict(Segment.objects.filter(is_enabled=True).order_by("name").values_list("pk", "name"))


def chunk_end(*, after_id: int, limit: int) -> int | None:
    """The id of the last of the next `limit` members, None when fewer are left. One query."""
    row = fetch_one(
        "SELECT id FROM members_member WHERE id > %(after_id)s ORDER BY id OFFSET %(skipped)s LIMIT 1",
        {"after_id": after_id, "skipped": limit - 1},
    )
    return int(row[0]) if row else None


def sentence_of(segment: Segment) -> str:
    """What a segment says, for people; of a rule that no longer makes sense, why."""
    if segment.kind == Segment.Kind.STATIC:
        return "按上传的名单"
    try:
        return in_words(read_rule(segment.rule))
    except RuleRefused as refusal:
        return f"条件无法使用：{refusal.text}"


class MemberRow(NamedTuple):
    """A line of a segment's list: nothing that names a person in full."""

    number: str
    nickname: str
    phone_last4: str
    tier: str
    entered_at: datetime


def members_of(*, segment_id: int) -> Iterator[MemberRow]:
    """Who is in the segment, read as they are asked for, however many."""
    columns = ("member__number", "member__nickname", "member__phone_last4", "member__tier__name", "entered_at")
    rows = SegmentMember.objects.filter(segment_id=segment_id).order_by("member_id").values_list(*columns)
    return (MemberRow(*row) for row in rows.iterator(chunk_size=2000))
