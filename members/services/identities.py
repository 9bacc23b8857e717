"""Members' identities at other providers: found by a blind index, bound once, kept in a sealed ticket until then."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Final, NamedTuple

from django.db.models.functions import Coalesce

from config.core.crypto import DecryptionFailed, blind_index, decrypt, encrypt
from config.core.db import transaction_required
from config.core.errors import DomainError, NotFound
from members.models import Identity
from members.services import tombstones
from members.services.locks import lock_openid

_LIFETIME: Final = timedelta(minutes=15)
_CONTEXT: Final = "members.identity_ticket"
_MOST: Final = 2000
_WHOSE: Final = Coalesce("member__merged_into_id", "member_id")


class TicketSpent(DomainError):
    """The ticket is too old, or none of ours."""

    code: ClassVar[str] = "ticket_spent"
    message: ClassVar[str] = "登录已超时，请重新用微信登录"
    http_status: ClassVar[int] = 400
    field: ClassVar[str | None] = "ticket"


class IdentityTaken(DomainError):
    """This identity is bound to somebody else."""

    code: ClassVar[str] = "identity_taken"
    message: ClassVar[str] = "该微信已绑定其他会员，请先在那个账号里解绑或联系客服合并"


@dataclass(frozen=True, kw_only=True)
class External:
    """Somebody at a provider."""

    provider: str
    openid: str
    unionid: str = ""

    @property
    def openid_index(self) -> str:
        """The blind index under which the identity is found."""
        return blind_index(f"{self.provider}:{self.openid}", purpose="openid")

    @property
    def unionid_index(self) -> str:
        """The blind index that the same person has in the company's other apps; empty when there is none."""
        return blind_index(self.unionid, purpose="unionid") if self.unionid else ""


class Ticket(NamedTuple):
    """A sealed word for somebody whom we don't know yet, until they have shown a phone."""

    text: str
    expires_at: datetime


@transaction_required
def known(*, who: External, at: datetime) -> int | None:
    """The member of that identity, or whom they were merged into; who is known by the company's other app is bound."""
    bound = Identity.objects.filter(provider=who.provider, openid_index=who.openid_index)
    member_id = bound.values_list(_WHOSE, flat=True).first()
    if member_id is None and who.unionid_index:
        others = Identity.objects.filter(unionid_index=who.unionid_index).order_by("pk")
        found = set(others.values_list(_WHOSE, flat=True))
        if len(found) == 1:  # of two, nobody can say which
            member_id = found.pop()
            bind(member_id=member_id, who=who, at=at)
    return member_id


@transaction_required
def bind(*, member_id: int, who: External, at: datetime) -> None:
    """Let the member come in by that identity. Raises IdentityTaken."""
    lock_openid(who.openid_index)
    identity, is_new = Identity.objects.get_or_create(
        provider=who.provider,
        openid_index=who.openid_index,
        defaults={
            "member_id": member_id,
            "openid": who.openid,
            "unionid_index": who.unionid_index,
            "created_at": at,
        },
    )
    if identity.member_id != member_id:
        raise IdentityTaken()
    if not is_new and who.unionid_index and identity.unionid_index != who.unionid_index:
        Identity.objects.filter(pk=identity.pk).update(unionid_index=who.unionid_index)


@transaction_required
def unbind(*, member_id: int, identity_id: int, at: datetime) -> None:
    """Let nobody come in by it any more, and nobody by it as a newcomer. Raises NotFound for what is none of theirs."""
    identity = Identity.objects.filter(pk=identity_id, member_id=member_id)
    if not identity.exists():
        raise NotFound()
    tombstones.leave_identity(identity_id=identity_id, at=at)
    identity.delete()


def seal(*, who: External, at: datetime) -> Ticket:
    """A ticket for that person; whoever has it can read nothing in it."""
    expires_at = at + _LIFETIME
    content = [who.provider, who.openid, who.unionid, int(expires_at.timestamp())]
    return Ticket(encrypt(json.dumps(content), context=_CONTEXT), expires_at)


def unseal(*, ticket: str, provider: str, at: datetime) -> External:
    """Whom a ticket of that provider stands for. Raises TicketSpent."""
    try:
        content = json.loads(decrypt(ticket[:_MOST], context=_CONTEXT))
    except (DecryptionFailed, UnicodeError):
        raise TicketSpent() from None
    sealed_provider, openid, unionid, until = content
    if sealed_provider != provider or at >= datetime.fromtimestamp(until, UTC):
        raise TicketSpent()
    return External(provider=provider, openid=openid, unionid=unionid)
