"""What members say about messages: read, wanted by which way, and where e-mail goes."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from config.core.crypto import blind_index
from config.core.db import fetch_all, transaction_required
from config.core.errors import DomainError, InvalidInput
from members.models import Message, MessageConsent, MessageEmail, Purpose, Way
from members.selectors.message_reach import preferences
from members.selectors.message_templates import subscribe_template_ids
from members.services.locks import lock_members

_SALT: Final = "members.message_email"
_LINK_SECONDS: Final = 24 * 3600
_MOST_QUOTA: Final = 1000


class EmailLinkInvalid(DomainError):
    """The link is old, was changed, or is about another address than the one that counts now."""

    code = "email_link_invalid"
    message = "确认链接无效或已过期，请重新填写邮箱"
    http_status = 400


@transaction_required
def mark_read(*, member_id: int, message_id: int, at: datetime) -> None:
    """Note that the member has seen it; again changes nothing, and so does somebody else's."""
    Message.objects.filter(pk=message_id, member=member_id, read_at=None).update(read_at=at)


@transaction_required
def mark_all_read(*, member_id: int, at: datetime) -> int:
    """Note that the member has seen everything so far; how many were unread."""
    return Message.objects.filter(member=member_id, read_at=None, sent_at__lte=at).update(read_at=at)


@transaction_required
def choose(*, member_id: int, way: str, purpose: str, is_wanted: bool, source: str, at: datetime) -> None:
    """Give or withdraw consent for one way and purpose; what is so already changes nothing."""
    if way not in Way.values or purpose not in Purpose.values:
        raise InvalidInput(way="没有这种消息渠道或用途")
    lock_members([member_id])
    if preferences(member_id=member_id)[way, purpose] == is_wanted:
        return
    about = {"member_id": member_id, "way": way, "purpose": purpose}
    if is_wanted:
        MessageConsent.objects.create(**about, given_at=at, source=source)
    elif not MessageConsent.objects.filter(**about, withdrawn_at=None).update(withdrawn_at=at):
        MessageConsent.objects.create(**about, withdrawn_at=at, source=source)


@transaction_required
def take_refusals(*, source_id: int, target_id: int, at: datetime) -> int:
    """A merge: the stricter choice wins. What the duplicate said no to is off for the target too; how many that turned.

    What only the duplicate agreed to isn't carried over.
    """
    said = MessageConsent.objects.filter(member=source_id).order_by("way", "purpose", "-pk").distinct("way", "purpose")
    wanted = preferences(member_id=target_id)
    refused = [(row.way, row.purpose) for row in said if row.withdrawn_at and wanted[row.way, row.purpose]]
    for way, purpose in refused:
        choose(member_id=target_id, way=way, purpose=purpose, is_wanted=False, source="merge", at=at)
    return len(refused)


@transaction_required
def allow_subscriptions(*, member_id: int, accepted: Collection[str], refused: Collection[str], at: datetime) -> None:
    """Note what the member answered to WeChat's question: each template accepted may be sent once more.

    Raises InvalidInput for a template that the shop doesn't use.
    """
    known = set(subscribe_template_ids().values())
    if not known.issuperset({*accepted, *refused}):
        raise InvalidInput(accepted="商城没有使用这个订阅消息模板")
    fetch_all(
        "INSERT INTO members_subscribequota AS q (member_id, remote_id, remaining, refused_at)"
        " SELECT %(member)s, said.id, 1, NULL FROM unnest(%(ids)s::text[]) AS said (id)"
        " ON CONFLICT (member_id, remote_id) DO UPDATE"
        " SET remaining = least(q.remaining + 1, %(most)s), refused_at = NULL RETURNING 1",
        {"member": member_id, "ids": sorted(set(accepted)), "most": _MOST_QUOTA},
    )
    fetch_all(
        "INSERT INTO members_subscribequota AS q (member_id, remote_id, remaining, refused_at)"
        " SELECT %(member)s, said.id, 0, %(at)s FROM unnest(%(ids)s::text[]) AS said (id)"
        " ON CONFLICT (member_id, remote_id) DO UPDATE SET refused_at = %(at)s RETURNING 1",
        {"member": member_id, "ids": sorted(set(refused) - set(accepted)), "at": at},
    )


@transaction_required
def set_email(*, member_id: int, address: str, at: datetime) -> str:
    """Keep the address, unconfirmed; the token of the link to send there. Raises InvalidInput."""
    address = address.strip()
    try:
        validate_email(address)
    except ValidationError as error:
        raise InvalidInput(email="请填写正确的邮箱，例如 name@example.com") from error
    if len(address) > 120:
        raise InvalidInput(email="邮箱太长了")
    values = {"address": address, "asked_at": at, "confirmed_at": None}
    MessageEmail.objects.update_or_create(member_id=member_id, defaults=values)
    return signing.dumps({"member": member_id, "address": _mark(address)}, salt=_SALT)


@transaction_required
def remove_email(*, member_id: int) -> None:
    """Forget the address."""
    MessageEmail.objects.filter(member=member_id).delete()


@transaction_required
def confirm_email(*, token: str, at: datetime) -> None:
    """Confirm the address that the link was sent to. Raises EmailLinkInvalid."""
    try:
        said = signing.loads(token, salt=_SALT, max_age=_LINK_SECONDS)
    except signing.BadSignature as error:
        raise EmailLinkInvalid() from error
    row = MessageEmail.objects.filter(member=said["member"]).first()
    if row is None or _mark(row.address) != said["address"]:
        raise EmailLinkInvalid()
    MessageEmail.objects.filter(pk=row.pk, confirmed_at=None).update(confirmed_at=at)


def _mark(address: str) -> str:
    """What stands for the address in the link, which passes through logs."""
    return blind_index(address, purpose="message-email")
