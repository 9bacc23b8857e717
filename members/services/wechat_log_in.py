"""Logging in by WeChat: from the mini-program, and on pages inside WeChat. WeChat is asked outside any transaction."""

from datetime import datetime
from typing import Final

from config.core.db import edge_transaction
from members.models import Identity, Member
from members.rules.invitations import NO_TOUCH, Touch
from members.services import identities
from members.services.identities import External, Ticket
from members.services.registration import refuse_inactive, register_by_phone
from members.services.sign_in import SignedIn, log_in_of
from members.wechat import people

MINI_PROGRAM: Final = Identity.Provider.MINI_PROGRAM.value
OFFICIAL_ACCOUNT: Final = Identity.Provider.OFFICIAL_ACCOUNT.value


def sign_in_by_mini_program(*, code: str, at: datetime) -> SignedIn | Ticket:
    """Who opened the mini-program; for somebody unknown, a ticket until they show a phone.

    Raises WechatSwitchedOff, WechatRefused and its kinds, MemberFrozen, MemberClosed.
    """
    person = people.of_mini_program(code)
    return _sign_in(External(provider=MINI_PROGRAM, openid=person.openid, unionid=person.unionid), at)


def sign_in_by_page(*, code: str, at: datetime) -> SignedIn | Ticket:
    """The same for a page inside WeChat that came back with a code."""
    person = people.of_page(code)
    return _sign_in(External(provider=OFFICIAL_ACCOUNT, openid=person.openid, unionid=person.unionid), at)


def bind_by_page(*, member_id: int, code: str, at: datetime) -> None:
    """Let a signed-in member come in by the WeChat that the page is open in. Raises IdentityTaken, WechatRefused."""
    person = people.of_page(code)
    who = External(provider=OFFICIAL_ACCOUNT, openid=person.openid, unionid=person.unionid)
    with edge_transaction():
        identities.bind(member_id=member_id, who=who, at=at)


def register_by_phone_button(*, ticket: str, phone_code: str, at: datetime, touch: Touch = NO_TOUCH) -> SignedIn:
    """The member of the phone that WeChat vouches for, registered when there is none; the ticket's identity is bound.

    Raises TicketSpent, ForeignPhone, WechatRefused and its kinds, InvalidPhone, MemberFrozen, MemberClosed,
    IdentityTaken.
    """
    who = identities.unseal(ticket=ticket, provider=MINI_PROGRAM, at=at)
    phone = people.phone_of(phone_code)
    with edge_transaction():
        channel = Member.Channel.MINI_PROGRAM.value
        member_id, is_new = register_by_phone(phone=phone, channel=channel, at=at, touch=touch, who=who)
        return SignedIn(member_id, log_in_of(member_id=member_id), is_new)


def _sign_in(who: External, at: datetime) -> SignedIn | Ticket:
    with edge_transaction():
        member_id = identities.known(who=who, at=at)
        if member_id is None:
            return identities.seal(who=who, at=at)
        refuse_inactive(Member.objects.values_list("status", flat=True).get(pk=member_id))
        return SignedIn(member_id, log_in_of(member_id=member_id), False)
