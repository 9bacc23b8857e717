"""Invitations: attributed at registration, followed to the first order, refused with a reason, taken back by refunds.

Locks are taken in one order: the newcomer's phone, the inviter's code; later the invitation's row alone.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import F

from config.core import policies
from config.core.db import transaction_required
from config.core.time import day_start, local_date
from config.outbox import publishing as outbox
from members.events import InvitationRefused, InviteeFirstOrder, InviteeFirstOrderRefunded, InviteeRegistered
from members.models import Identity, Invitation, InviteCode, Member
from members.rules import invitations as rules
from members.rules.invitations import Touch
from members.services import channels, tombstones, traces

_State = Invitation.State


@transaction_required
def code_of(*, member_id: int, at: datetime) -> str:
    """The member's invite code, made the first time it is asked for."""
    known = InviteCode.objects.filter(member=member_id).values_list("code", flat=True).first()
    while known is None:
        code = "".join(secrets.choice(rules.ALPHABET) for _ in range(rules.CODE_LENGTH))
        InviteCode.objects.bulk_create(
            [InviteCode(member_id=member_id, code=code, created_at=at)], ignore_conflicts=True
        )
        known = InviteCode.objects.filter(member=member_id).values_list("code", flat=True).first()
    return known


@transaction_required
def lock_inviter(*, member_id: int, at: datetime) -> str:
    """Make newcomers and visitors of one inviter wait for each other, so that each counts the one before; the code."""
    code = code_of(member_id=member_id, at=at)
    list(InviteCode.objects.select_for_update(no_key=True).filter(member=member_id))
    return code


@transaction_required
def attribute(*, member_id: int, touch: Touch, at: datetime) -> None:
    """Write down who and which channel brought a newcomer, if anybody did; registration calls it, once.

    A newcomer who does not count leaves an invitation with the reason; nobody is told apart from staff and the inviter.
    """
    touched_at, days = touch.touched_at, policies.current().invitation_touch_days
    if touch.is_by_link and touched_at and rules.is_fresh(touched_at=touched_at, at=at, days=days):
        newcomer = Member.objects.get(pk=member_id)
        is_returning, channel_id = _was_here_before(newcomer), None
        if not is_returning:
            code = touch.channel_code
            channel_id = channels.attribute(member_id=member_id, code=code, touched_at=touched_at, at=at)
        inviter = _locked_inviter(touch.invite_code, at)
        if inviter is not None:
            facts = _facts(newcomer, inviter, device=touch.device, is_returning=is_returning, at=at)
            _invite(newcomer, facts, touched_at=touched_at, channel_id=channel_id, at=at)
    traces.note_device(member_id=member_id, device=touch.device, at=at)


@transaction_required
def first_order_paid(*, member_id: int, order_id: int, cents: int, at: datetime) -> None:
    """Follow the newcomer's first order from now on; later orders, and those without cash for goods, change nothing."""
    if cents <= 0:
        return
    waiting = Invitation.objects.filter(invitee=member_id, state=_State.REGISTERED)
    invitation = waiting.select_for_update(no_key=True).first()
    if invitation is None:
        return
    payers = traces.others_with_payment_account(member_id=member_id)
    reason = rules.payment_refusal(inviter_id=invitation.inviter_id, payers=payers)
    if reason:
        _refuse(invitation, reason, at)
        return
    invitation.state, invitation.paid_at = _State.PAID, at
    invitation.first_order_id, invitation.first_order_cents = order_id, cents
    invitation.save(update_fields=["state", "paid_at", "first_order_id", "first_order_cents"])


@transaction_required
def first_order_completed(*, order_id: int, at: datetime) -> None:
    """Start the wait for returns; without one the reward is due at once. Orders nobody waits for change nothing."""
    invitation = _of_order(order_id, [_State.PAID])
    if invitation is None:
        return
    invitation.state, invitation.completed_at = _State.COMPLETED, at
    invitation.reward_due_at = at + timedelta(days=policies.current().invitation_return_days)
    invitation.save(update_fields=["state", "completed_at", "reward_due_at"])
    if invitation.reward_due_at <= at:
        _reward([invitation], at)


@transaction_required
def reward_due(*, at: datetime, limit: int = 500) -> int:
    """Reward the next invitations whose wait is over; how many were looked at. What another works on is left to it."""
    due = Invitation.objects.filter(state=_State.COMPLETED, reward_due_at__lte=at)
    locked = due.select_for_update(skip_locked=True, no_key=True, of=("self",)).select_related("inviter__merged_into")
    found = list(locked.order_by("reward_due_at", "pk")[:limit])
    _reward(found, at)
    return len(found)


@transaction_required
def order_refunded(*, order_id: int, refund_id: int, cents: int, whole_order: bool, at: datetime) -> None:
    """Take a refund of the first order into account: less to reward, or what was rewarded is taken back.

    When the whole order went back the invitation ends.
    """
    invitation = _of_order(order_id, [_State.PAID, _State.COMPLETED, _State.REWARDED])
    if invitation is None:
        return
    was_rewarded = invitation.state == _State.REWARDED
    invitation.first_order_cents = max(invitation.first_order_cents - cents, 0)
    is_over = whole_order or not invitation.first_order_cents
    if is_over:
        invitation.state, invitation.clawed_back_at = _State.CLAWED_BACK, at
    invitation.save(update_fields=["first_order_cents", "state", "clawed_back_at"])
    if was_rewarded or is_over:
        outbox.publish(
            InviteeFirstOrderRefunded(
                invitation_id=invitation.pk,
                order_id=order_id,
                refund_id=refund_id,
                refunded_cents=max(invitation.rewarded_cents - invitation.first_order_cents, 0),
                whole_order=is_over,
                at=at,
            )
        )


@transaction_required
def repoint(*, source_id: int, target_id: int, at: datetime) -> int:
    """A merge: whom the duplicate invited the target invited; how many. Who invited themself gets nothing for it."""
    between = Invitation.objects.filter(inviter__in=[source_id, target_id], invitee__in=[source_id, target_id])
    for invitation in between.exclude(state__in=[_State.REFUSED, _State.CLAWED_BACK]).select_for_update(no_key=True):
        _refuse(invitation, Invitation.Refusal.SELF, at)
    moved: int = Invitation.objects.filter(inviter=source_id).exclude(invitee=target_id).update(inviter=target_id)
    return moved


def _locked_inviter(code: str, at: datetime) -> Member | None:
    """Whose code it is, now, locked."""
    row = InviteCode.objects.filter(code=code).select_related("member__merged_into").first() if code else None
    if row is None:
        return None
    inviter = row.member.merged_into or row.member
    lock_inviter(member_id=inviter.pk, at=at)
    return inviter


def _facts(newcomer: Member, inviter: Member, *, device: str, is_returning: bool, at: datetime) -> rules.Newcomer:
    """What decides whether the newcomer counts; the inviter is locked."""
    counted = Invitation.objects.filter(inviter=inviter).exclude(state=_State.REFUSED)
    day = local_date(at)
    return rules.Newcomer(
        inviter_id=inviter.pk,
        inviter_is_active=inviter.status == Member.Status.ACTIVE,
        is_returning=is_returning,
        device_members=traces.others_with_device(member_id=newcomer.pk, device=device),
        counted_today=counted.filter(registered_at__gte=day_start(day)).count(),
        counted_this_month=counted.filter(registered_at__gte=day_start(day.replace(day=1))).count(),
    )


def _invite(
    newcomer: Member, facts: rules.Newcomer, *, touched_at: datetime, channel_id: int | None, at: datetime
) -> None:
    reason = rules.refusal_of(facts, policies=policies.current())
    invitation = Invitation.objects.create(
        inviter_id=facts.inviter_id,
        invitee=newcomer,
        channel_id=channel_id,
        state=_State.REFUSED if reason else _State.REGISTERED,
        refusal=reason,
        touched_at=touched_at,
        registered_at=at,
        refused_at=at if reason else None,
    )
    if not reason:
        outbox.publish(
            InviteeRegistered(
                invitation_id=invitation.pk,
                inviter_id=facts.inviter_id,
                invitee_id=newcomer.pk,
                channel=newcomer.channel,
                registered_at=at,
            )
        )


def _was_here_before(newcomer: Member) -> bool:
    """Whether somebody gave one of the newcomer's ways in up."""
    rows = Identity.objects.filter(member=newcomer).values_list("openid_index", "unionid_index")
    return tombstones.is_marked(phone_index=newcomer.phone_index or "", identities=list(rows))


def _of_order(order_id: int, states: Sequence[str]) -> Invitation | None:
    """The invitation that follows the order, locked; orders that none follows cost one look-up."""
    followed = Invitation.objects.filter(first_order_id=order_id, state__in=states)
    return followed.select_for_update(no_key=True, of=("self",)).select_related("inviter__merged_into").first()


def _reward(due: Sequence[Invitation], at: datetime) -> None:
    """Reward all whose inviter is still there to be rewarded, in one statement; the others are refused."""
    invitations = {invitation.pk: invitation for invitation in due}
    inviters = {pk: one.inviter.merged_into or one.inviter for pk, one in invitations.items()}
    ready = [pk for pk, inviter in inviters.items() if inviter.status == Member.Status.ACTIVE]
    for pk in invitations.keys() - set(ready):
        _refuse(invitations[pk], Invitation.Refusal.INVITER_INACTIVE, at)
    Invitation.objects.filter(pk__in=ready).update(
        state=_State.REWARDED, rewarded_at=at, rewarded_cents=F("first_order_cents")
    )
    outbox.publish_many(
        InviteeFirstOrder(
            invitation_id=pk,
            inviter_id=inviters[pk].pk,
            order_id=invitations[pk].first_order_id or 0,
            cents=invitations[pk].first_order_cents,
            paid_at=invitations[pk].paid_at or at,
            at=at,
        )
        for pk in ready
    )


def _refuse(invitation: Invitation, reason: str, at: datetime) -> None:
    """End an invitation that had counted; what it brought so far is taken back."""
    invitation.state, invitation.refusal, invitation.refused_at = _State.REFUSED, reason, at
    invitation.save(update_fields=["state", "refusal", "refused_at"])
    outbox.publish(InvitationRefused(invitation_id=invitation.pk, reason=reason, at=at))
