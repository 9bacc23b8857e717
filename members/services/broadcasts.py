"""One message for many: chunk by chunk, each in a transaction of its own, so that it can be killed and goes on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Exists, F, OuterRef

from config.core.db import transaction_required
from config.core.errors import DomainError, InvalidInput
from members.models import Broadcast, BroadcastMember, Member, Segment, SegmentMember, TemplateWay
from members.rules.templates import BadVariable, Variable, read, variables_of
from members.selectors.broadcast_reach import audience, key_of, merged_since, next_ids, told_as_duplicates
from members.selectors.message_templates import Wording, wording_of
from members.services.messages import Sending, Sent, send_words

CHUNK: Final = 2000
_MOST_LISTED: Final = 100_000


class BroadcastStateConflict(DomainError):
    """The broadcast is in a state from which that can't happen."""

    code = "broadcast_state_conflict"
    message = "群发{state}，不能{move}"


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """What one chunk did; `goes_on`: there is more to do."""

    told: int
    queued: int
    goes_on: bool


_NOTHING: Final = Chunk(told=0, queued=0, goes_on=False)


def context_of(variables: list[Variable], typed: Any) -> dict[str, Any]:
    """The values that a person typed for the template's variables. Raises InvalidInput with a Chinese sentence."""
    values = typed if isinstance(typed, dict) else {}
    unknown = sorted(set(values) - {one.name for one in variables})
    if unknown:
        raise InvalidInput(context=f"模板没有变量 {unknown[0]}")
    try:
        return {one.name: read(one.kind, values.get(one.name), title=one.title) for one in variables}
    except BadVariable as fault:
        raise InvalidInput(context=str(fault)) from fault


@transaction_required
def list_members(*, broadcast_id: int, numbers: list[str]) -> int:
    """Replace the list by these member numbers; how many.

    Raises BroadcastStateConflict once it has begun, InvalidInput that names unknown numbers.
    """
    _require(_locked(broadcast_id), Broadcast.State.DRAFT, "修改名单")
    wanted = sorted({number.strip() for number in numbers} - {""})
    if len(wanted) > _MOST_LISTED:
        raise InvalidInput(numbers=f"名单最多 {_MOST_LISTED:,} 人")
    found = dict(Member.objects.filter(number__in=wanted).values_list("number", "pk"))
    missing = [number for number in wanted if number not in found]
    if missing:
        raise InvalidInput(numbers=f"没有会员号 {'、'.join(missing[:5])}" + (" 等" if len(missing) > 5 else ""))
    BroadcastMember.objects.filter(broadcast=broadcast_id).delete()
    rows = [BroadcastMember(broadcast_id=broadcast_id, member_id=member_id) for member_id in found.values()]
    BroadcastMember.objects.bulk_create(rows, batch_size=5000)
    return len(rows)


@transaction_required
def hold_draft(*, broadcast_id: int) -> None:
    """Let nobody start it before this transaction ends. Raises BroadcastStateConflict once it has begun."""
    _require(_locked(broadcast_id), Broadcast.State.DRAFT, "再修改")


@transaction_required
def start(*, broadcast_id: int, at: datetime) -> None:
    """Let it run; chunks follow. Raises BroadcastStateConflict, InvalidInput."""
    row = _locked(broadcast_id)
    _require(row, Broadcast.State.DRAFT, "开始")
    if not row.template.is_enabled:
        raise InvalidInput(template="模板已停用，请先启用")
    context_of(variables_of(row.template.variables), row.context)
    if row.segment is not None:
        _require_counted(row.segment)
    if not (_note_stand_ins(row) or audience(row).exists()):
        raise InvalidInput(audience="没有符合条件的会员，请先导入名单或换一个发送对象")
    Broadcast.objects.filter(pk=row.pk).update(state=Broadcast.State.RUNNING, started_at=at)


@transaction_required
def keep_places(*, source_id: int, target_id: int) -> None:
    """A merge: who was in the segment of a broadcast under way as the duplicate is told as the one who stays.

    Noted in the merge itself: a refresh drops the duplicate, and lets the other one in only as of that moment. Called
    before the merge writes to members' rows, so that it waits for no chunk that needs them.
    """
    was_in = SegmentMember.objects.filter(
        member=source_id, segment=OuterRef("segment"), entered_at__lte=OuterRef("started_at")
    )
    under_way = Broadcast.objects.filter(
        Exists(was_in),
        audience=Broadcast.Audience.SEGMENT,
        state__in=[Broadcast.State.RUNNING, Broadcast.State.PAUSED],
    )
    ids = list(under_way.order_by("pk").values_list("pk", flat=True))
    rows = [BroadcastMember(broadcast_id=pk, member_id=target_id) for pk in ids]
    BroadcastMember.objects.bulk_create(rows, ignore_conflicts=True)


@transaction_required
def pause(*, broadcast_id: int) -> None:
    """Stop after the chunk at work. Raises BroadcastStateConflict."""
    row = _locked(broadcast_id)
    _require(row, Broadcast.State.RUNNING, "暂停")
    Broadcast.objects.filter(pk=row.pk).update(state=Broadcast.State.PAUSED)


@transaction_required
def resume(*, broadcast_id: int) -> None:
    """Go on where it was paused. Raises BroadcastStateConflict."""
    row = _locked(broadcast_id)
    _require(row, Broadcast.State.PAUSED, "继续")
    Broadcast.objects.filter(pk=row.pk).update(state=Broadcast.State.RUNNING)


@transaction_required
def send_next(*, broadcast_id: int, at: datetime, limit: int = CHUNK) -> Chunk:
    """Tell the next members and move the cursor, both or neither; nothing unless it runs and nobody else is at it."""
    row = (
        Broadcast.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))  # merges may point at it
        .select_related("template", "tier")
        .filter(pk=broadcast_id, state=Broadcast.State.RUNNING)
        .first()
    )
    if row is None:
        return _NOTHING
    ways = list(TemplateWay.objects.filter(template=row.template_id, is_enabled=True).order_by("pk"))
    words = wording_of(row.template, ways)
    if not words.is_enabled:  # switched off meanwhile: nobody is skipped
        Broadcast.objects.filter(pk=row.pk).update(state=Broadcast.State.PAUSED)
        return _NOTHING
    ids = next_ids(row, limit=limit)
    row.cursor = ids[-1] if ids else row.cursor
    sent = _tell(row, words, ids, at)
    goes_on = len(ids) == limit
    if not goes_on:
        late = merged_since(row, limit=limit)
        more = _tell(row, words, late, at)
        sent, goes_on = Sent(told=sent.told + more.told, queued=sent.queued + more.queued), len(late) == limit
    columns: dict[str, Any] = {} if goes_on else {"state": Broadcast.State.DONE, "finished_at": at}
    Broadcast.objects.filter(pk=row.pk).update(
        cursor=row.cursor, told=F("told") + sent.told, queued=F("queued") + sent.queued, **columns
    )
    return Chunk(told=sent.told, queued=sent.queued, goes_on=goes_on)


def _tell(row: Broadcast, words: Wording, ids: Sequence[int], at: datetime) -> Sent:
    """Tell those who have not got it yet, under whichever number."""
    context, key = context_of(list(words.variables), row.context), key_of(row)
    had = told_as_duplicates(row, member_ids=ids) if ids else frozenset()
    sendings = [Sending(member_id=pk, key=key, context=context) for pk in ids if pk not in had]
    return send_words(words=words, sendings=sendings, at=at, broadcast_id=row.pk)


def running_ids() -> list[int]:
    """The broadcasts that are to go on, the oldest first."""
    rows = Broadcast.objects.filter(state=Broadcast.State.RUNNING)
    return list(rows.order_by("started_at", "pk").values_list("pk", flat=True))


def _note_stand_ins(row: Broadcast) -> int:
    """Of a segment: note those into whom somebody was merged who still has a place in it; how many."""
    if row.audience != Broadcast.Audience.SEGMENT:
        return 0
    BroadcastMember.objects.filter(broadcast=row).delete()  # of a list that it was for before
    places = SegmentMember.objects.filter(segment=row.segment_id, member__merged_into__isnull=False)
    kept = set(places.values_list("member__merged_into", flat=True))
    BroadcastMember.objects.bulk_create(
        [BroadcastMember(broadcast=row, member_id=member_id) for member_id in sorted(filter(None, kept))]
    )
    return len(kept)


def _locked(broadcast_id: int) -> Broadcast:
    rows = Broadcast.objects.select_for_update(of=("self",)).select_related("template", "tier", "segment")
    return rows.get(pk=broadcast_id)


def _require_counted(segment: Segment) -> None:
    """Whoever is not found yet would never be told."""
    if not segment.is_enabled:
        raise InvalidInput(segment="人群已停用，请先启用或换一个人群")
    if segment.refreshed_at is None or segment.state == Segment.State.FAILED:
        raise InvalidInput(segment="人群还没有计算好，请在“会员人群”里确认已就绪后再发送")


def _require(row: Broadcast, state: str, move: str) -> None:
    if row.state != state:
        raise BroadcastStateConflict(state=row.get_state_display(), move=move)
