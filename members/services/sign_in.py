"""Logging in by phone and code: who is unknown is registered in the same step."""

from datetime import datetime
from typing import NamedTuple

from config.core.db import edge_transaction, transaction_required
from members.models import User
from members.rules.invitations import NO_TOUCH, Touch
from members.services import identities
from members.services.locks import lock_members
from members.services.login_codes import try_code
from members.services.registration import register_by_phone


class SignedIn(NamedTuple):
    """Who has proven to own the phone."""

    member_id: int
    user_id: int
    is_new: bool


def sign_in_by_code(
    *,
    phone: str,
    code: str,
    channel: str,
    at: datetime,
    touch: Touch = NO_TOUCH,
    who: identities.External | None = None,
) -> SignedIn:
    """Check the code, find or register the member, and give them a log-in; bind `who`, an identity not yet known.

    It opens the transaction itself, and refuses to run inside another: a wrong try is committed before the refusal is
    raised, so that nobody guesses for free. Raises InvalidPhone, InvalidCode, WrongCode, CodeExpired, TooManyTries,
    MemberFrozen, MemberClosed, IdentityTaken.
    """
    with edge_transaction():
        refusal = try_code(phone=phone, code=code, at=at)
        if refusal is None:
            member_id, is_new = register_by_phone(phone=phone, channel=channel, at=at, touch=touch, who=who)
            return SignedIn(member_id, log_in_of(member_id=member_id), is_new)
    raise refusal


@transaction_required
def log_in_of(*, member_id: int) -> int:
    """The user that a member logs in as, made when there is none; no password, no way into the back office."""
    member = lock_members([member_id])[member_id]
    if member.user_id is None:
        user = User(username=f"member-{member.number}", is_member=True)
        user.set_unusable_password()
        user.save()
        member.user = user
        member.save(update_fields=["user"])
        return user.pk
    return member.user_id
