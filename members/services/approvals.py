"""The second person's word on an adjustment: approve, refuse, or the requester's own withdrawal."""

from datetime import datetime
from typing import ClassVar

from config.core.db import transaction_required
from config.core.errors import DomainError, InvalidInput, NotFound
from members.models import AdjustmentRequest
from members.rules.addresses import one_line
from members.services.adjustments import book
from points import ledger

_ANSWER = 200


class OwnRequest(DomainError):
    """Nobody decides on what they asked for themselves."""

    code: ClassVar[str] = "own_request"
    message: ClassVar[str] = "不能审批自己提交的申请，请由另一位员工审批"
    http_status: ClassVar[int] = 403


class NotOwnRequest(DomainError):
    """Only who asked may withdraw."""

    code: ClassVar[str] = "not_own_request"
    message: ClassVar[str] = "只有申请人可以撤回"
    http_status: ClassVar[int] = 403


class RequestDecided(DomainError):
    """Someone was quicker. Facts: status, in words."""

    code: ClassVar[str] = "request_decided"
    message: ClassVar[str] = "这笔申请{status}，不能再处理"


class RequestLapsed(DomainError):
    """Nobody decided in time."""

    code: ClassVar[str] = "request_lapsed"
    message: ClassVar[str] = "这笔申请已过审批期限，请重新提交"


@transaction_required
def approve(*, request_id: int, approver_id: int, at: datetime) -> ledger.Entry:
    """Book what was asked for; of two approvals at once one books, the other is refused.

    Raises NotFound, OwnRequest, RequestDecided, RequestLapsed, and what the ledger raises: the request then waits on.
    """
    _lock_account_of(request_id)
    request = _open_request(request_id, at=at)
    if request.requester_id == approver_id:
        raise OwnRequest()
    entry = book(
        member=request.member,
        points=request.points,
        note=request.text,
        operator_id=request.requester_id,
        key=request.key,
        at=at,
    )
    request.entry_id = entry.id
    _decide(request, AdjustmentRequest.Status.APPROVED, decider_id=approver_id, at=at)
    return entry


@transaction_required
def refuse(*, request_id: int, approver_id: int, text: str, at: datetime) -> None:
    """Say no, and why; nothing is booked. Raises NotFound, InvalidInput, OwnRequest, RequestDecided, RequestLapsed."""
    answer = one_line(text)
    if not 1 <= len(answer) <= _ANSWER:
        raise InvalidInput(text="请填写拒绝原因" if not answer else f"拒绝原因最多 {_ANSWER} 个字")
    request = _open_request(request_id, at=at)
    if request.requester_id == approver_id:
        raise OwnRequest()
    request.answer = answer
    _decide(request, AdjustmentRequest.Status.REFUSED, decider_id=approver_id, at=at)


@transaction_required
def withdraw(*, request_id: int, requester_id: int, at: datetime) -> None:
    """Take the own request back. Raises NotFound, NotOwnRequest, RequestDecided, RequestLapsed."""
    request = _open_request(request_id, at=at)
    if request.requester_id != requester_id:
        raise NotOwnRequest()
    _decide(request, AdjustmentRequest.Status.WITHDRAWN, decider_id=None, at=at)


def _lock_account_of(request_id: int) -> None:
    """Accounts come before rows in the order of locks: a merge holds both accounts when it moves requests."""
    asked = AdjustmentRequest.objects.filter(pk=request_id)
    account = asked.values_list("member__points_account_id", flat=True).first()
    if account is not None:
        ledger.lock(accounts=[account])


def _open_request(request_id: int, *, at: datetime) -> AdjustmentRequest:
    request = _locked(request_id)
    if request is None:
        raise NotFound()
    if request.status != AdjustmentRequest.Status.PENDING:
        raise RequestDecided(status=request.get_status_display())
    if at >= request.expires_at:
        raise RequestLapsed()
    return request


def _locked(request_id: int) -> AdjustmentRequest | None:
    return AdjustmentRequest.objects.select_for_update().filter(pk=request_id).first()


def _decide(request: AdjustmentRequest, status: str, *, decider_id: int | None, at: datetime) -> None:
    request.status = status
    request.decider_id = decider_id
    request.decided_at = at
    request.save(update_fields=["status", "decider", "decided_at", "answer", "entry"])
