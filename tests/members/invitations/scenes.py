"""Members who invite, newcomers who come by a link, and their orders as the mall reports them."""

from dataclasses import asdict
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.db import transaction

from config.outbox.events import Event
from config.outbox.models import Message
from members import events
from members.models import Channel, Invitation, Member
from members.rules.invitations import Touch
from members.services import invitations
from members.services.registration import register_by_phone
from tests.members.factories import AT

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
_numbers = count(1)


def somebody(*, touch: Touch | None = None, at: datetime = AT, phone: str = "") -> Member:
    """A member registered at `at`, by the link of `touch` if there is one."""
    phone = phone or f"137{next(_numbers):08d}"
    with transaction.atomic():
        made = register_by_phone(phone=phone, channel="h5", at=at, **({"touch": touch} if touch else {}))
    return Member.objects.get(pk=made.member_id)


def code_of(member: Member) -> str:
    """The member's invite code."""
    with transaction.atomic():
        return invitations.code_of(member_id=member.pk, at=AT)


def touch_of(inviter: Member, *, touched_at: datetime = AT, device: str = "", channel_code: str = "") -> Touch:
    """What a browser brings that opened the inviter's link."""
    return Touch(invite_code=code_of(inviter), channel_code=channel_code, touched_at=touched_at, device=device)


def a_newcomer(inviter: Member, *, at: datetime = AT, device: str = "") -> Invitation:
    """Somebody new who came by the inviter's link; the invitation."""
    return Invitation.objects.get(invitee=somebody(touch=touch_of(inviter, touched_at=at, device=device), at=at))


def a_channel(code: str = "lin", **columns: object) -> Channel:
    """A channel that is enabled."""
    return Channel.objects.create(code=code, name="小林的笔记", **columns)


def paid(invitation: Invitation, *, order_id: int = 1, cents: int = 19900, at: datetime = AT + HOUR) -> Invitation:
    """The newcomer has paid an order."""
    with transaction.atomic():
        invitations.first_order_paid(member_id=invitation.invitee_id, order_id=order_id, cents=cents, at=at)
    invitation.refresh_from_db()
    return invitation


def completed(invitation: Invitation, *, order_id: int = 1, at: datetime = AT + DAY) -> Invitation:
    """The order is completed."""
    with transaction.atomic():
        invitations.first_order_completed(order_id=order_id, at=at)
    invitation.refresh_from_db()
    return invitation


def refunded(
    invitation: Invitation, cents: int, *, whole: bool = False, refund_id: int = 1, at: datetime = AT + 2 * DAY
) -> Invitation:
    """So much of the order went back."""
    with transaction.atomic():
        invitations.order_refunded(order_id=1, refund_id=refund_id, cents=cents, whole_order=whole, at=at)
    invitation.refresh_from_db()
    return invitation


def swept(invitation: Invitation, at: datetime) -> Invitation:
    """The sweep has run."""
    with transaction.atomic():
        invitations.reward_due(at=at)
    invitation.refresh_from_db()
    return invitation


def told(name: str) -> list[dict[str, Any]]:
    """The facts of that name that were published, oldest first."""
    event: type[Event] = getattr(events, name)
    messages = Message.objects.filter(event=event.name).order_by("pk")
    return [asdict(event.from_payload(message.payload)) for message in messages]
