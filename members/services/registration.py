"""How a person becomes a member."""

from datetime import datetime
from typing import ClassVar, NamedTuple

from config.core.db import transaction_required
from config.core.errors import DomainError
from config.core.random_numbers import public_number
from config.outbox import publishing as outbox
from members.events import MemberRegistered
from members.models import Member, Tier
from members.rules import phones, profiles
from members.rules.invitations import NO_TOUCH, Touch
from members.services import identities, invitations, tombstones
from members.services.identities import External
from members.services.locks import lock_phone
from members.services.login_codes import phone_index
from points import ledger

_NUMBER_DIGITS = 10


class Registered(NamedTuple):
    """The member of a phone, and whether they became one just now."""

    member_id: int
    is_new: bool


class MemberFrozen(DomainError):
    """The shop has frozen this member."""

    code: ClassVar[str] = "member_frozen"
    message: ClassVar[str] = "该账号已被冻结，请联系客服"
    http_status: ClassVar[int] = 403
    field: ClassVar[str | None] = "phone"


class MemberClosed(DomainError):
    """The member has closed their account."""

    code: ClassVar[str] = "member_closed"
    message: ClassVar[str] = "该账号已注销"
    http_status: ClassVar[int] = 403
    field: ClassVar[str | None] = "phone"


@transaction_required
def register_by_phone(
    *,
    phone: str,
    channel: str,
    at: datetime,
    nickname: str = "",
    touch: Touch = NO_TOUCH,
    who: External | None = None,
) -> Registered:
    """The member of that phone, registered now when there is none; two at once get the same one.

    The phone of a duplicate leads to the member it was merged into. `who`, an identity that came along, is bound. A
    newcomer is attributed to who or what brought them: `touch`.

    Raises InvalidPhone, InvalidInput (nickname), MemberFrozen, MemberClosed, IdentityTaken.
    """
    number = phones.normalise(phone)
    index = phone_index(number)
    lock_phone(index)
    known = Member.objects.filter(phone_index=index).select_related("merged_into").first()
    if known is not None:
        known = known.merged_into or known
        refuse_inactive(known.status)
        _bind(known.pk, who, at)
        return Registered(known.pk, False)
    member = _new_member(number=number, index=index, channel=channel, nickname=nickname, at=at)
    _bind(member.pk, who, at)
    is_returning = _left_before(index, who)
    outbox.publish(MemberRegistered(member_id=member.pk, channel=channel, registered_at=at, is_returning=is_returning))
    invitations.attribute(member_id=member.pk, touch=touch, at=at)
    return Registered(member.pk, True)


def _bind(member_id: int, who: External | None, at: datetime) -> None:
    if who is not None:
        identities.bind(member_id=member_id, who=who, at=at)


def _left_before(phone_index: str, who: External | None) -> bool:
    """Whether somebody gave that phone or that identity up."""
    came_along = [(who.openid_index, who.unionid_index)] if who is not None else []
    return tombstones.is_marked(phone_index=phone_index, identities=came_along)


def free_numbers(count: int) -> list[str]:
    """That many random member numbers that nobody has."""
    found: set[str] = set()
    while len(found) < count:
        drawn = {public_number(_NUMBER_DIGITS) for _ in range(count - len(found))}
        found |= drawn - set(Member.objects.filter(number__in=drawn).values_list("number", flat=True))
    return list(found)


def nickname_for(number: str) -> str:
    """What a member is called who has not said: 会员 and the end of the member number."""
    return f"会员{number[-4:]}"


def lowest_tier() -> Tier:
    """The tier that everybody starts on."""
    return Tier.objects.order_by("rank")[0]


def _new_member(*, number: str, index: str, channel: str, nickname: str, at: datetime) -> Member:
    public = free_numbers(1)[0]
    return Member.objects.create(
        number=public,
        points_account_id=ledger.open_account(asset="points"),
        growth_account_id=ledger.open_account(asset="growth"),
        tier=lowest_tier(),
        tier_since=at,
        nickname=profiles.clean_nickname(nickname) if nickname else nickname_for(public),
        phone=number,
        phone_index=index,
        phone_last4=number[-4:],
        channel=channel,
        registered_at=at,
    )


def refuse_inactive(status: str) -> None:
    """Let active members in, whichever way they come. Raises MemberFrozen, MemberClosed."""
    if status == Member.Status.FROZEN:
        raise MemberFrozen()
    if status == Member.Status.CLOSED:
        raise MemberClosed()
