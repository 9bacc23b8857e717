"""Codes for the till: made for a member, taken once."""

import base64
import secrets
from datetime import datetime, timedelta
from typing import ClassVar, NamedTuple

from config.core.db import transaction_required
from config.core.errors import DomainError
from members.models import Member, TillSecret
from members.rules import till_codes as rules
from members.services.registration import refuse_inactive


class WrongTillCode(DomainError):
    """What was scanned is no code of a member."""

    code: ClassVar[str] = "wrong_till_code"
    message: ClassVar[str] = "不是有效的会员码，请让会员打开会员码页面后重新扫描"
    http_status: ClassVar[int] = 400
    field: ClassVar[str | None] = "code"


class TillCodeExpired(DomainError):
    """The code is older than a minute, or another was taken since: a screenshot, or scanned twice."""

    code: ClassVar[str] = "till_code_expired"
    message: ClassVar[str] = "会员码已失效或已使用，请会员刷新后重新出示"
    http_status: ClassVar[int] = 409
    field: ClassVar[str | None] = "code"


class TillCode(NamedTuple):
    """What the member shows, and until when it is taken."""

    text: str
    expires_at: datetime


@transaction_required
def code_of(*, member_id: int, at: datetime) -> TillCode:
    """A fresh code for that member; their secret is made when they ask first."""
    number = Member.objects.values_list("number", flat=True).get(pk=member_id)
    text = rules.code_for(number=number, secret=_secret_of(member_id, at), second=int(at.timestamp()))
    return TillCode(text, at.replace(microsecond=0) + timedelta(seconds=rules.SECONDS))


@transaction_required
def member_of(*, code: str, at: datetime) -> int:
    """The member who shows this code; it and all older ones are used up. Of two who scan it at once, one gets them.

    Raises WrongTillCode, TillCodeExpired, MemberFrozen, MemberClosed.
    """
    shown = rules.read(code)
    kept = shown and TillSecret.objects.filter(member__number=shown.number).select_related("member").first()
    if not shown or not kept:
        raise WrongTillCode()
    made = rules.second_of(proof=shown.proof, secret=_opened(kept.secret), second=int(at.timestamp()))
    if made is None or not _claim(kept.pk, made):
        raise TillCodeExpired()
    refuse_inactive(kept.member.status)
    return kept.member_id


@transaction_required
def renew_secret(*, member_id: int) -> None:
    """Make every code that was shown so far worthless."""
    TillSecret.objects.filter(member_id=member_id).delete()


def _claim(secret_id: int, made: int) -> bool:
    return TillSecret.objects.filter(pk=secret_id, used_second__lt=made).update(used_second=made) == 1


def _secret_of(member_id: int, at: datetime) -> bytes:
    fresh = base64.b64encode(secrets.token_bytes(32)).decode()
    kept, _ = TillSecret.objects.get_or_create(member_id=member_id, defaults={"secret": fresh, "created_at": at})
    return _opened(kept.secret)


def _opened(secret: str) -> bytes:
    return base64.b64decode(secret)
