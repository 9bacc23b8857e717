"""Passwords, for members who set one: set, changed and removed with a fresh code; logging in within limits."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import ClassVar, Final

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from config.core import policies
from config.core.crypto import blind_index
from config.core.db import edge_transaction, transaction_required
from config.core.errors import DomainError, InvalidInput
from members.models import Member, PasswordTry, User
from members.rules import codes, phones
from members.services import devices
from members.services.locks import lock_network, lock_phone
from members.services.login_codes import phone_index, send_code, try_code
from members.services.registration import refuse_inactive
from members.services.sign_in import SignedIn, log_in_of

MOST: Final = 128  # characters; longer ones are only sent to keep the server busy


class WrongPassword(DomainError):
    """Phone and password don't belong together; the answer is the same when nobody has the phone."""

    code: ClassVar[str] = "wrong_password"
    message: ClassVar[str] = "手机号或密码不正确；没有设置过密码的请用验证码登录"
    http_status: ClassVar[int] = 400
    field: ClassVar[str | None] = "password"


class TooManyPasswords(DomainError):
    """Too many tries for this phone, or from this network."""

    code: ClassVar[str] = "too_many_passwords"
    message: ClassVar[str] = "密码输错次数过多，请 {minutes} 分钟后再试，或改用验证码登录"
    http_status: ClassVar[int] = 429
    field: ClassVar[str | None] = "password"
    public_facts: ClassVar[Mapping[str, str]] = {"seconds": "多少秒后再试"}


class NoPhone(DomainError):
    """The member has no phone that a code could go to."""

    code: ClassVar[str] = "no_phone"
    message: ClassVar[str] = "请先绑定手机号"


def sign_in_by_password(*, phone: str, password: str, address: str, at: datetime) -> SignedIn:
    """Who has this phone and password. It opens its transactions itself: a try is committed before it is looked at.

    Raises InvalidPhone, WrongPassword, TooManyPasswords, MemberFrozen, MemberClosed.
    """
    index = phone_index(phones.normalise(phone))
    with edge_transaction():
        _count(index, blind_index(codes.network_of(address), purpose="network"), at)
    known = Member.objects.filter(phone_index=index).select_related("user", "merged_into__user").first()
    member = known and (known.merged_into or known)
    if not _is_right(member.user if member else None, password) or member is None:
        raise WrongPassword()
    with edge_transaction():
        refuse_inactive(Member.objects.values_list("status", flat=True).get(pk=member.pk))
        PasswordTry.objects.filter(phone_index=index).delete()
        return SignedIn(member.pk, log_in_of(member_id=member.pk), False)


@transaction_required
def send_code_to_own_phone(*, member_id: int, address: str, at: datetime) -> None:
    """Send a code to the member's phone. Raises NoPhone and what `send_code` raises."""
    send_code(phone=_phone_of(member_id), address=address, at=at)


def set_password(
    *, member_id: int, code: str, password: str, at: datetime, but_token: str = "", but_session: str = ""
) -> None:
    """Set or change the password with a code that was sent to the member's phone; all other devices are signed out.

    It opens its transaction itself, as `sign_in_by_code` does. Raises InvalidInput (password), NoPhone, InvalidCode,
    WrongCode, CodeExpired, TooManyTries.
    """
    phone = _phone_of(member_id)
    _check(password, phone)
    user = User.objects.get(pk=_with_log_in(member_id))
    user.set_password(password)  # takes its time, so before the transaction
    _replace(member_id=member_id, user=user, phone=phone, code=code, at=at, keep=(but_token, but_session))


def remove_password(*, member_id: int, code: str, at: datetime, but_token: str = "", but_session: str = "") -> None:
    """Go back to codes alone; all other devices are signed out. Raises what `set_password` raises of codes."""
    user = User.objects.get(pk=_with_log_in(member_id))
    user.set_unusable_password()
    keep = (but_token, but_session)
    _replace(member_id=member_id, user=user, phone=_phone_of(member_id), code=code, at=at, keep=keep)


def has_password(*, member_id: int) -> bool:
    """Whether the member has set one."""
    user = User.objects.filter(member=member_id).first()
    return user is not None and user.has_usable_password()


@transaction_required
def prune(*, before: datetime) -> int:
    """Delete tries before that moment; they count no more."""
    deleted, _ = PasswordTry.objects.filter(at__lt=before).delete()
    return deleted


def _replace(*, member_id: int, user: User, phone: str, code: str, at: datetime, keep: tuple[str, str]) -> None:
    with edge_transaction():
        refusal = try_code(phone=phone, code=code, at=at)
        if refusal is None:
            user.save(update_fields=["password"])
            devices.end_all(user_id=user.pk, at=at, but_token=keep[0], but_session=keep[1])
    if refusal is not None:
        raise refusal


def _count(index: str, network: str, at: datetime) -> None:
    limits = policies.current()
    lock_phone(index)
    lock_network(network)
    _refuse(
        moments=PasswordTry.objects.filter(phone_index=index).order_by("-at").values_list("at", flat=True),
        most=limits.password_tries,
        window=timedelta(minutes=limits.password_wait_minutes),
        at=at,
    )
    _refuse(
        moments=PasswordTry.objects.filter(address_index=network).order_by("-at").values_list("at", flat=True),
        most=limits.password_tries_per_address_hour,
        window=timedelta(hours=1),
        at=at,
    )
    PasswordTry.objects.create(phone_index=index, address_index=network, at=at)


def _refuse(*, moments: QuerySet[PasswordTry, datetime], most: int, window: timedelta, at: datetime) -> None:
    """Raise TooManyPasswords when the `most`-th latest try is within the window."""
    latest = list(moments.filter(at__gt=at - window)[:most])
    if len(latest) >= most:
        wait = latest[-1] + window - at
        seconds = max(1, -(-wait // timedelta(seconds=1)))
        raise TooManyPasswords(seconds=seconds, minutes=-(-seconds // 60))


def _is_right(user: User | None, password: str) -> bool:
    """Whether it is that user's password; it takes as long when there is none."""
    given = password[: MOST + 1]
    if user is None or not user.has_usable_password():
        User().set_password(given)
        return False
    is_right = user.check_password(given)  # also of one that is too long: what is answered at once tells who is known
    return is_right and len(password) <= MOST


def _check(password: str, phone: str) -> None:
    if len(password) > MOST:
        raise InvalidInput(password=f"密码最多 {MOST} 位")
    if phone in password:
        raise InvalidInput(password="密码不能包含手机号")  # noqa: S106 (a sentence)
    try:
        validate_password(password)
    except ValidationError as error:
        raise InvalidInput(password="；".join(error.messages)) from error


def _phone_of(member_id: int) -> str:
    phone = Member.objects.values_list("phone", flat=True).get(pk=member_id)
    if not phone:
        raise NoPhone()
    return phone


def _with_log_in(member_id: int) -> int:
    with edge_transaction():
        return log_in_of(member_id=member_id)
