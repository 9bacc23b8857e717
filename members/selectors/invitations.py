"""What an inviter sees of their invitations, and what a friend sees of the inviter."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from members.models import Invitation, InviteCode, Member
from members.rules.invitations import masked

_State = Invitation.State


@dataclass(frozen=True, kw_only=True)
class InviteeRow:
    """One friend, by a masked name, and how far the invitation has come."""

    id: int
    name: str
    state: str
    state_name: str
    refusal: str
    registered_at: datetime
    paid_at: datetime | None
    completed_at: datetime | None
    reward_due_at: datetime | None
    rewarded_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class InviteePage:
    """Some friends, newest first; `next_before` goes on, None when that was all."""

    rows: tuple[InviteeRow, ...]
    next_before: int | None


@dataclass(frozen=True, kw_only=True)
class InviteeTotals:
    """How many friends stand where."""

    registered: int
    waiting: int
    rewarded: int
    not_counted: int


@dataclass(frozen=True, kw_only=True)
class Inviter:
    """Who invites, as a stranger sees them."""

    nickname: str
    avatar: str


def invitees(*, member_id: int, before: int | None = None, limit: int = 20) -> InviteePage:
    """The friends whom the member brought, newest first. One query."""
    found = Invitation.objects.filter(inviter=member_id).select_related("invitee")
    if before is not None:
        found = found.filter(pk__lt=before)
    rows = list(found.order_by("-pk")[: limit + 1])
    shown = tuple(_row(one) for one in rows[:limit])
    return InviteePage(rows=shown, next_before=shown[-1].id if len(rows) > limit else None)


def totals(*, member_id: int) -> InviteeTotals:
    """How many friends stand where. One query."""
    waiting = Q(state__in=[_State.REGISTERED, _State.PAID, _State.COMPLETED])
    counted = Invitation.objects.filter(inviter=member_id).aggregate(
        registered=Count("pk"),
        waiting=Count("pk", filter=waiting),
        rewarded=Count("pk", filter=Q(state=_State.REWARDED)),
        not_counted=Count("pk", filter=Q(state__in=[_State.REFUSED, _State.CLAWED_BACK])),
    )
    return InviteeTotals(**counted)


def inviter_of(*, code: str) -> Inviter | None:
    """Whose invite code it is, while they may invite. One query."""
    row = InviteCode.objects.filter(code=code).select_related("member__merged_into").first() if code else None
    if row is None:
        return None
    member = row.member.merged_into or row.member
    if member.status != Member.Status.ACTIVE:
        return None
    return Inviter(nickname=member.nickname, avatar=member.avatar)


def _row(one: Invitation) -> InviteeRow:
    return InviteeRow(
        id=one.pk,
        name=masked(one.invitee.nickname),
        state=one.state,
        state_name=one.get_state_display(),
        refusal=one.refusal,
        registered_at=one.registered_at,
        paid_at=one.paid_at,
        completed_at=one.completed_at,
        reward_due_at=one.reward_due_at,
        rewarded_at=one.rewarded_at,
        ended_at=one.refused_at or one.clawed_back_at,
    )
