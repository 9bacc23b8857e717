"""Messages on their way out: claimed before the provider is called, settled after it.

The claim commits before the call. A process that dies in between leaves a claim without an answer: `give_up_claims`
turns it into "unknown", which staff see and nobody sends again by itself.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import F, Q

from config.core import policies
from config.core.db import fetch_one, transaction_required
from config.core.errors import DomainError
from config.core.time import local_date
from members.models import Member, MessageDelivery, SubscribeQuota, Way
from members.rules.outcomes import Outcome, Result, is_last, wait_after
from members.selectors.message_reach import address_of, consented
from members.services.messages import after_quiet_hours

CLAIM_LIVES: Final = timedelta(minutes=10)  # far longer than any call's time limit
_QUEUED, _CLAIMED = MessageDelivery.State.QUEUED, MessageDelivery.State.CLAIMED
_UNLIMITED: Final = 2**31 - 1

_COUNT: Final = """
INSERT INTO members_messagetally AS t (member_id, purpose, day, day_count, week, week_count)
VALUES (%(member)s, %(purpose)s, %(day)s, 1, %(week)s, 1)
ON CONFLICT (member_id, purpose) DO UPDATE
SET day_count = CASE WHEN t.day = EXCLUDED.day THEN t.day_count + 1 ELSE 1 END, day = EXCLUDED.day,
    week_count = CASE WHEN t.week = EXCLUDED.week THEN t.week_count + 1 ELSE 1 END, week = EXCLUDED.week
WHERE (t.day <> EXCLUDED.day OR t.day_count < %(per_day)s) AND (t.week <> EXCLUDED.week OR t.week_count < %(per_week)s)
RETURNING 1
"""


class NotResendable(DomainError):
    """Only what failed, or what nobody knows about, is sent again."""

    code = "not_resendable"
    message = "这条消息{state}，不能重新发送"


class MayHaveArrived(DomainError):
    """Sending it again may reach the member twice: somebody has to say that this is wanted."""

    code = "may_have_arrived"
    message = "不知道上次是否已送达，重新发送可能让会员收到两次；确认要发请勾选"
    field = "is_sure"


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A delivery that is ours to hand over: where it goes, what it says, and which attempt this is."""

    delivery_id: int
    member_id: int
    way: str
    address: str
    payload: dict[str, Any]
    attempt: int


@transaction_required
def claim_next(*, at: datetime) -> Claim | bool:
    """The next delivery that may leave, claimed; True: one was put off or suppressed instead; False: none is due."""
    due = MessageDelivery.objects.due(at=at).select_related("message__template", "message__member")
    row = due.order_by("next_try_at", "pk").select_for_update(skip_locked=True, of=("self",)).first()
    if row is None:
        return False
    later = _put_off_until(row, at)
    if later > at:
        _still_queued(row).update(next_try_at=later)
        return True
    address = address_of(member=row.message.member, way=row.way)
    reason = _reason_against(row, address, at)
    if reason:
        _still_queued(row).update(
            state=MessageDelivery.State.SUPPRESSED, reason=reason, next_try_at=None, finished_at=at
        )
        return True
    _still_queued(row).update(state=_CLAIMED, claimed_at=at, next_try_at=None, attempts=F("attempts") + 1, reason="")
    return Claim(
        delivery_id=row.pk,
        member_id=row.message.member_id,
        way=row.way,
        address=address,
        payload=row.payload,
        attempt=row.attempts + 1,
    )


def _still_queued(row: MessageDelivery) -> Any:
    return MessageDelivery.objects.filter(pk=row.pk, state=_QUEUED)


def _put_off_until(row: MessageDelivery, at: datetime) -> datetime:
    return at if row.message.template.is_urgent else after_quiet_hours(at=at)


def _reason_against(row: MessageDelivery, address: str, at: datetime) -> str:
    """Why it must not leave, as things are now; empty: it may. What limits it is taken here, so this comes last."""
    message = row.message
    if message.member.status != Member.Status.ACTIVE:
        return "会员账号已冻结或注销"
    if not consented(member_ids=[message.member_id], ways=[row.way], purpose=message.template.purpose)[row.way]:
        return "会员已关闭这类消息"
    if not address:
        return "没有可用的联系方式"
    if row.attempts == 0 and not message.template.is_urgent and not _count(message, at):
        return "超过每位会员的发送次数上限"
    if row.way == Way.WECHAT_SUBSCRIBE and not _take_quota(message.member_id, row.payload["template_id"]):
        return "没有剩余的订阅次数"
    return ""


def _count(message: Any, at: datetime) -> bool:
    """Count one more for the member, unless the day or the week is full: one statement, so nobody gets in between."""
    now, day = policies.current(), local_date(at)
    is_service = message.template.purpose == "service"
    limits = {
        "per_day": now.service_messages_per_day if is_service else now.marketing_messages_per_day,
        "per_week": _UNLIMITED if is_service else now.marketing_messages_per_week,
    }
    about = {"member": message.member_id, "purpose": message.template.purpose}
    week = day - timedelta(days=day.weekday())
    return fetch_one(_COUNT, {**about, **limits, "day": day, "week": week}) is not None


def _take_quota(member_id: int, remote_id: str) -> bool:
    left = SubscribeQuota.objects.filter(member=member_id, remote_id=remote_id, remaining__gt=0)
    return bool(left.update(remaining=F("remaining") - 1))


@transaction_required
def settle(*, claim: Claim, outcome: Outcome, at: datetime) -> None:
    """Write down what came of it. A claim that was given up meanwhile keeps "unknown" unless the answer is definite."""
    row = MessageDelivery.objects.filter(pk=claim.delivery_id, attempts=claim.attempt).filter(
        Q(state=_CLAIMED) | Q(state=MessageDelivery.State.UNKNOWN)
    )
    reason, ref = outcome.reason[:120], outcome.ref[:80]
    if outcome.result is Result.TRY_AGAIN and not is_last(claim.attempt):
        columns: dict[str, Any] = {"state": _QUEUED, "next_try_at": at + wait_after(claim.attempt), "finished_at": None}
    else:
        columns = {"state": _FINAL[outcome.result], "finished_at": at, "provider_ref": ref}
    if not row.update(**columns, reason=reason):
        return
    if claim.way == Way.WECHAT_SUBSCRIBE:
        _settle_quota(claim, outcome.result, at)


_FINAL: Final = {
    Result.SENT: MessageDelivery.State.SENT,
    Result.TRY_AGAIN: MessageDelivery.State.FAILED,
    Result.REFUSED: MessageDelivery.State.FAILED,
    Result.UNWANTED: MessageDelivery.State.SUPPRESSED,
    Result.UNKNOWN: MessageDelivery.State.UNKNOWN,
}


def _settle_quota(claim: Claim, result: Result, at: datetime) -> None:
    """What WeChat didn't take is still allowed; a member who refuses allows nothing any more."""
    quota = SubscribeQuota.objects.filter(member=claim.member_id, remote_id=claim.payload["template_id"])
    if result in {Result.TRY_AGAIN, Result.REFUSED}:
        quota.update(remaining=F("remaining") + 1)
    elif result is Result.UNWANTED:
        quota.update(remaining=0, refused_at=at)


@transaction_required
def give_up_claims(*, at: datetime) -> int:
    """Mark claims without an answer as unknown; how many. Whoever made them has died."""
    lost = MessageDelivery.objects.filter(state=_CLAIMED, claimed_at__lt=at - CLAIM_LIVES)
    return lost.update(state=MessageDelivery.State.UNKNOWN, finished_at=at, reason="发送途中中断，不知道是否已送达")


@transaction_required
def resend(*, delivery_id: int, at: datetime, is_sure: bool = False) -> None:
    """Queue a failed delivery again; one that nobody knows about needs `is_sure`.

    Raises NotResendable, MayHaveArrived.
    """
    row = MessageDelivery.objects.select_for_update().get(pk=delivery_id)
    if row.state not in {MessageDelivery.State.FAILED, MessageDelivery.State.UNKNOWN}:
        raise NotResendable(state=row.get_state_display())
    if row.state == MessageDelivery.State.UNKNOWN and not is_sure:
        raise MayHaveArrived()
    MessageDelivery.objects.filter(pk=row.pk, state=row.state).update(
        state=_QUEUED, next_try_at=at, finished_at=None, claimed_at=None, reason="员工重新发送"
    )
