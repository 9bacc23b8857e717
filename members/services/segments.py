"""Segments: written by staff, refreshed set-based in chunks that may be killed at any moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection
from django.db.models import F

from config.core.db import transaction_required
from config.core.errors import NotFound
from config.outbox import publishing as outbox
from members.events import SegmentEntered
from members.models import Segment, SegmentMember
from members.ports import Fragment, Scope
from members.rules.segments import plain
from members.selectors.segments import (
    WHOLE,
    RuleRefused,
    chunk_end,
    listed_where,
    members_where,
    names,
    read_rule,
    shapes,
)
from members.selectors.tag_rules import tag_that_needs_itself
from members.services import tags
from members.services.locks import lock_tag_rules

_IN_ONE_FACT: Final = 200
_STAFFS: Final = ("name", "note", "kind", "is_enabled", "rule")
_OF_RULE: Final = ("refreshed_at", "state", "run_after_id", "run_at")

# whoever is meant comes in, whoever is not goes; a row that stays is not written
_CHUNK: Final = """
WITH meant AS MATERIALIZED (
    SELECT m.id FROM members_member m WHERE {where}
), gone AS (
    DELETE FROM members_segmentmember s
    WHERE s.segment_id = %s AND s.member_id > %s AND s.member_id <= %s
        AND NOT EXISTS (SELECT 1 FROM meant WHERE meant.id = s.member_id)
    RETURNING s.member_id
), come AS (
    INSERT INTO members_segmentmember (segment_id, member_id, entered_at)
    SELECT %s, meant.id, %s FROM meant
    WHERE NOT EXISTS (
        SELECT 1 FROM members_segmentmember s WHERE s.segment_id = %s AND s.member_id = meant.id
    )
    ON CONFLICT DO NOTHING
    RETURNING member_id
)
SELECT (SELECT count(*) FROM gone), (SELECT count(*) FROM come),
    CASE WHEN %s THEN (SELECT coalesce(array_agg(member_id ORDER BY member_id), '{{}}') FROM come) ELSE '{{}}' END
"""


@dataclass(frozen=True, kw_only=True)
class Refreshed:
    """What one chunk of a refresh did; `is_done`: it was the last."""

    entered: int
    left: int
    is_done: bool


def to_refresh() -> list[int]:
    """The segments in use, the one that has waited longest first. One query."""
    found = Segment.objects.filter(is_enabled=True).order_by(F("refreshed_at").asc(nulls_first=True), "pk")
    return list(found.values_list("pk", flat=True))


@transaction_required
def begin(*, segment_id: int, at: datetime, restarts: bool = False) -> None:
    """Start a refresh as of `at`; one that is under way goes on unless it is to start over. Raises NotFound.

    Entering is reported from the second refresh of the same rule on: whom it finds first did not just come in.
    """
    segment = _locked(segment_id)
    if segment.state == Segment.State.RUNNING and not restarts:
        return
    segment.run_reports = segment.refreshed_at is not None
    segment.run_at, segment.run_after_id, segment.state = at, 0, Segment.State.RUNNING
    segment.save(update_fields=["run_reports", "run_at", "run_after_id", "state"])


@transaction_required
def refresh_next(*, segment_id: int, limit: int = 20_000) -> Refreshed:
    """Bring the next members by id, `limit` of them, up to date; nobody waits for longer than that. Raises NotFound.

    Two workers take turns, and one that is killed leaves nothing half done: where it got to stands in the segment.
    """
    segment = _locked(segment_id)
    if segment.state != Segment.State.RUNNING or segment.run_at is None:
        return Refreshed(entered=0, left=0, is_done=True)
    last = chunk_end(after_id=segment.run_after_id, limit=limit)
    scope = Scope(after_id=segment.run_after_id, upto_id=last or WHOLE, at=segment.run_at)
    try:
        where = _where(segment, scope)
    except RuleRefused:  # a field that it asks for is gone
        segment.state = Segment.State.FAILED
        segment.save(update_fields=["state"])
        return Refreshed(entered=0, left=0, is_done=True)
    left, entered, newcomers = _write(segment, scope, where)
    tags.follow_segment(segment_id=segment.pk, after_id=scope.after_id, upto_id=scope.upto_id, at=segment.run_at)
    report_entered(segment_id=segment.pk, member_ids=newcomers, at=segment.run_at)
    segment.run_after_id = scope.upto_id
    if last is None:
        _finish(segment)
    segment.save(update_fields=["run_after_id", "state", "refreshed_at", "members_count"])
    return Refreshed(entered=entered, left=left, is_done=last is None)


@transaction_required
def write(*, segment: Segment, rule: Any, at: datetime) -> Segment:
    """Save the segment with that rule (None: it goes by its list), to be refreshed when the rule is another.

    What a refresh under way has noted meanwhile stays. Raises RuleRefused.
    """
    segment.rule = {} if segment.kind == Segment.Kind.STATIC else check_rule(rule, segment_id=segment.pk)
    if segment._state.adding:
        segment.created_at = at
        if segment.kind == Segment.Kind.STATIC:
            segment.state, segment.refreshed_at = Segment.State.READY, at
        segment.save()
        return segment
    written = [*_STAFFS]
    if _locked(segment.pk).rule != segment.rule:  # whoever is found by another rule did not just come in
        segment.refreshed_at, segment.state = None, Segment.State.WAITING
        segment.run_after_id, segment.run_at = 0, None
        written += _OF_RULE
    segment.save(update_fields=written)
    return segment


def check_rule(rule: Any, *, segment_id: int | None) -> dict[str, Any]:
    """The rule with nothing beside it. Raises RuleRefused when it makes no sense, or asks for a tag that follows this
    very segment; two who write rules of tags wait for each other, so that neither makes the ring of the other whole."""
    said = plain(read_rule(rule))
    if segment_id is not None:
        lock_tag_rules()
        name = tag_that_needs_itself(segment_id=segment_id, rule=said)
        if name:
            raise RuleRefused(text=f"标签「{name}」以这个人群为规则，条件里不能再用到它")
    return said


@transaction_required
def check_codes(rule: Any) -> None:
    """Raise RuleRefused when what the rule asks for is gone; what is there stays until the transaction ends."""
    lock_tag_rules()
    for group in read_rule(rule).groups:
        for one in group.conditions:
            if isinstance(one.value, tuple) and (set(one.value) - names(one.field, one.value).keys()):
                raise RuleRefused(text=f"「{shapes()[one.field].label}」里选的有些已经删除，请重新选择")


def report_entered(*, segment_id: int, member_ids: Sequence[int], at: datetime) -> None:
    """Publish that those members came in, some hundred in a fact."""
    for start in range(0, len(member_ids), _IN_ONE_FACT):
        some = tuple(member_ids[start : start + _IN_ONE_FACT])
        outbox.publish(SegmentEntered(segment_id=segment_id, member_ids=some, at=at))


@transaction_required
def repoint(*, source_id: int, target_id: int) -> None:
    """The target stands on the lists that named the duplicate; rules find out for themselves."""
    listed = SegmentMember.objects.filter(member_id=source_id, segment__kind=Segment.Kind.STATIC)
    SegmentMember.objects.bulk_create(
        [SegmentMember(segment_id=row.segment_id, member_id=target_id, entered_at=row.entered_at) for row in listed],
        ignore_conflicts=True,
    )
    SegmentMember.objects.filter(member_id=source_id).delete()


def _locked(segment_id: int) -> Segment:
    """The segment; two who refresh it wait for each other, campaigns that read it don't."""
    segment = Segment.objects.select_for_update(no_key=True).filter(pk=segment_id).first()
    if segment is None:
        raise NotFound()
    return segment


def _where(segment: Segment, scope: Scope) -> Fragment:
    if segment.kind == Segment.Kind.STATIC:
        return listed_where(segment_id=segment.pk, scope=scope)
    return members_where(rule=read_rule(segment.rule), scope=scope)


def _write(segment: Segment, scope: Scope, where: Fragment) -> tuple[int, int, list[int]]:
    params = (
        *where.params,
        *(segment.pk, scope.after_id, scope.upto_id),
        *(segment.pk, scope.at, segment.pk),
        segment.run_reports,
    )
    with connection.cursor() as cursor:
        cursor.execute(_CHUNK.format(where=where.sql), params)
        left, entered, newcomers = cursor.fetchone()
    return int(left), int(entered), list(newcomers)


def _finish(segment: Segment) -> None:
    segment.members_count = SegmentMember.objects.filter(segment=segment).count()
    segment.state, segment.refreshed_at = Segment.State.READY, segment.run_at
