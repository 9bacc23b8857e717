"""Merges that wait: asked for by staff, cancelled by staff, done when they are due."""

import logging
from datetime import datetime, timedelta
from typing import ClassVar, Final

from django.db import transaction

from config.core import policies
from config.core.db import transaction_required
from config.core.errors import DomainError
from config.outbox import publishing as outbox
from members.events import MergeCancelled, MergeRequested
from members.models import Member, MergeRequest
from members.services import duplicates
from members.services.adjustments import MemberMerged
from members.services.locks import lock_members
from members.services.merging import MemberNotActive, PointsHeld, SameMember, merge_members

_AGAIN: Final = timedelta(hours=1)  # after an unpaid order or the unforeseen stood in the way
_Status = MergeRequest.Status
logger = logging.getLogger(__name__)


class MergePending(DomainError):
    """One of the two already waits to be merged away. Facts: number."""

    code: ClassVar[str] = "merge_pending"
    message: ClassVar[str] = "会员 {number} 已有等待生效的合并，请先处理它"


class MergeNotPending(DomainError):
    """The merge was done, cancelled or given up."""

    code: ClassVar[str] = "merge_not_pending"
    message: ClassVar[str] = "这次合并已经完成或取消，不能再取消"


@transaction_required
def request_merge(*, source_id: int, target_id: int, operator_id: int, at: datetime) -> MergeRequest:
    """Have `source` merged into `target` after the delay that the shop has set; at once when there is none.

    Raises SameMember, MemberMerged, MemberNotActive, MergePending; at once also what `merge_members` raises.
    """
    delay = timedelta(hours=policies.current().merge_delay_hours)
    _check(source_id, target_id, is_at_once=not delay)
    request = MergeRequest(
        source_id=source_id, target_id=target_id, requested_by_id=operator_id, requested_at=at, due_at=at + delay
    )
    if not delay:
        _merge(request, at)
    request.save()
    if delay:
        fact = MergeRequested(member_id=target_id, source_member_id=source_id, due_at=request.due_at, at=at)
        outbox.publish(fact)
    return request


@transaction_required
def cancel(*, request_id: int, operator_id: int, at: datetime) -> None:
    """Let both stay who they are. Raises MergeNotPending; while it is being done, it waits and then raises."""
    request = MergeRequest.objects.select_for_update().get(pk=request_id)
    if request.status != _Status.PENDING:
        raise MergeNotPending()
    request.status, request.decided_by_id, request.decided_at = _Status.CANCELLED, operator_id, at
    request.save(update_fields=["status", "decided_by", "decided_at"])
    outbox.publish(MergeCancelled(member_id=request.target_id, source_member_id=request.source_id, at=at))


@transaction_required
def perform_next(*, at: datetime) -> bool:
    """Do the merge that has been due longest; False when none is. What stands in its way is noted for staff."""
    due = MergeRequest.objects.select_for_update(skip_locked=True).filter(status=_Status.PENDING, due_at__lte=at)
    request = due.order_by("due_at", "pk").first()
    if request is None:
        return False
    try:
        with transaction.atomic():
            _merge(request, at)
    except PointsHeld as error:
        request.due_at, request.answer = at + _AGAIN, f"{error.text}；之后会自动再试"
    except DomainError as error:
        request.status, request.decided_at, request.answer = _Status.FAILED, at, error.text[:200]
        outbox.publish(MergeCancelled(member_id=request.target_id, source_member_id=request.source_id, at=at))
    except Exception:
        logger.exception("a merge failed", extra={"merge_request": request.pk})  # and the others are not kept waiting
        request.due_at, request.answer = at + _AGAIN, "出现意外错误；之后会自动再试"
    request.save(update_fields=["status", "decided_at", "answer", "due_at"])
    return True


def _merge(request: MergeRequest, at: datetime) -> None:
    merge_members(source_id=request.source_id, target_id=request.target_id, at=at)
    duplicates.note_merged(source_id=request.source_id, target_id=request.target_id, at=at)
    request.status, request.decided_at, request.answer = _Status.DONE, at, ""


def _check(source_id: int, target_id: int, *, is_at_once: bool) -> None:
    """Refuse what can't be; a merge at once locks accounts before members, so it is left to lock and to look again."""
    if source_id == target_id:
        raise SameMember()
    pair = [source_id, target_id]
    for member in (Member.objects.in_bulk(pair) if is_at_once else lock_members(pair)).values():
        if member.merged_into is not None:
            raise MemberMerged(number=member.merged_into.number)
        if member.status != Member.Status.ACTIVE:
            raise MemberNotActive(number=member.number, status=member.get_status_display())
    waiting = MergeRequest.objects.filter(status=_Status.PENDING).select_related("source")
    for request in waiting.filter(source__in=[source_id, target_id]) | waiting.filter(target=source_id):
        raise MergePending(number=request.source.number)
