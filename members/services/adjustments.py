"""Points given or taken by hand, each with its reason in words; much of it only with a second person's word."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from config.core import policies
from config.core.db import transaction_required
from config.core.errors import DomainError, InvalidInput, NotFound
from config.core.time import add_months, day_start, local_date, month_end
from members.models import AdjustmentRequest, Member, PointsNote
from members.rules.addresses import one_line
from members.selectors.adjustments import adjusted_since
from points import ledger
from points.selectors import entries as reads

_TEXT = 200


class MemberMerged(DomainError):
    """The member was merged into another, who has the points now. Facts: number (of that other)."""

    code: ClassVar[str] = "member_merged"
    message: ClassVar[str] = "该会员已合并到会员 {number}，请到那位会员的页面操作"


@dataclass(frozen=True, kw_only=True)
class Adjusted:
    """What became of an adjustment: the entry that booked it, or the request that waits for a second person."""

    entry: ledger.Entry | None
    request_id: int | None


@transaction_required
def adjust_points(*, member_id: int, points: int, text: str, operator_id: int, key: str, at: datetime) -> Adjusted:
    """Give (+) or take (-) points, noting why and by whom; beyond what one may adjust alone, ask for a second person.

    The same key again changes nothing. Raises InvalidInput, NotFound, MemberMerged, ledger.InsufficientPoints,
    ledger.KeyReused.
    """
    note = one_line(text)
    _check(points, note)
    member = _lock_member(member_id)
    asked = AdjustmentRequest.objects.filter(key=key).first()
    if asked is not None:
        return Adjusted(entry=None, request_id=_same(asked, member_id=member.pk, points=points, key=key))
    booked = reads.entry_id_of(account=member.points_account_id, key=key)
    if booked is not None or _may_alone(member_id=member.pk, points=points, operator_id=operator_id, at=at):
        entry = book(member=member, points=points, note=note, operator_id=operator_id, key=key, at=at)
        return Adjusted(entry=entry, request_id=None)
    _check_there_is(member, points, at)
    request = AdjustmentRequest.objects.create(
        member=member,
        points=points,
        text=note,
        key=key,
        requester_id=operator_id,
        requested_at=at,
        expires_at=at + timedelta(days=policies.current().adjustment_request_days),
    )
    return Adjusted(entry=None, request_id=request.pk)


@transaction_required
def book(*, member: Member, points: int, note: str, operator_id: int, key: str, at: datetime) -> ledger.Entry:
    """Post the adjustment that has been decided on, with its note. Raises what the ledger raises."""
    entry = ledger.adjust(
        account=member.points_account_id,
        points=points,
        key=key,
        at=at,
        operator=f"staff:{operator_id}",
        reason="manual",
        expires_at=_expiry(at) if points > 0 else None,
    )
    PointsNote.objects.get_or_create(
        entry_id=entry.id,
        defaults={"member_id": member.pk, "operator_id": operator_id, "text": note, "created_at": at},
    )
    return entry


def _lock_member(member_id: int) -> Member:
    """The member, their account locked: what one operator adjusted today is counted by one adjustment at a time."""
    account = Member.objects.filter(pk=member_id).values_list("points_account_id", flat=True).first()
    if account is None:
        raise NotFound()
    ledger.lock(accounts=[account])
    member = Member.objects.select_related("merged_into").get(pk=member_id)
    if member.merged_into is not None:
        raise MemberMerged(number=member.merged_into.number)
    return member


def _same(asked: AdjustmentRequest, *, member_id: int, points: int, key: str) -> int:
    if (asked.member_id, asked.points) != (member_id, points):
        raise ledger.KeyReused(key=key)
    return asked.pk


def _may_alone(*, member_id: int, points: int, operator_id: int, at: datetime) -> bool:
    limit = policies.current().adjustment_alone_points
    today = adjusted_since(member_id=member_id, operator_id=operator_id, since=day_start(local_date(at)))
    return today + abs(points) <= limit


def _check_there_is(member: Member, points: int, at: datetime) -> None:
    """Refuse a request that could not be booked now: nobody need think about it."""
    available = ledger.balance(account=member.points_account_id, at=at).spendable
    if points + available < 0:
        raise ledger.InsufficientPoints(available=available, requested=-points)


def _check(points: int, note: str) -> None:
    wrong: dict[str, str] = {}
    if points == 0:
        wrong["points"] = "调整数量不能为 0"
    if not 1 <= len(note) <= _TEXT:
        wrong["text"] = "请填写调整原因" if not note else f"调整原因最多 {_TEXT} 个字"
    if wrong:
        raise InvalidInput(**wrong)


def _expiry(at: datetime) -> datetime | None:
    months = policies.current().points_expiry_months
    return month_end(add_months(local_date(at), months)) if months else None
