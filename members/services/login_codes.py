"""Log-in codes: sent to a phone, hashed at rest, short-lived, few tries, used once."""

import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import ClassVar

from django.db import transaction
from django.db.models import F

from config.core import policies
from config.core.crypto import blind_index
from config.core.db import transaction_required
from config.core.errors import DomainError
from config.core.shop import shop_name
from config.core.time import day_start, local_date
from members.models import LoginCode
from members.rules import codes, phones
from members.services.locks import lock_network, lock_phone
from members.services.senders import send_text


class WrongCode(DomainError):
    """The code is not the one that was sent last."""

    code: ClassVar[str] = "wrong_code"
    message: ClassVar[str] = "验证码不正确，还可以再试 {left} 次"
    http_status: ClassVar[int] = 400
    field: ClassVar[str | None] = "code"
    public_facts: ClassVar[Mapping[str, str]] = {"left": "还可以再试的次数"}


class CodeExpired(DomainError):
    """There is no code to compare with: none was sent, it is too old, or it has been used."""

    code: ClassVar[str] = "code_expired"
    message: ClassVar[str] = "验证码已失效，请重新获取"
    http_status: ClassVar[int] = 400
    field: ClassVar[str | None] = "code"


class TooManyTries(DomainError):
    """The code was guessed at too often; only a new one helps."""

    code: ClassVar[str] = "too_many_tries"
    message: ClassVar[str] = "输错次数过多，请重新获取验证码"
    http_status: ClassVar[int] = 429
    field: ClassVar[str | None] = "code"


def phone_index(phone: str) -> str:
    """The blind index under which members and codes of a phone are found."""
    return blind_index(phone, purpose="phone")


@transaction_required
def send_code(*, phone: str, address: str, at: datetime) -> None:
    """Send a fresh code after commit; it makes older ones worthless. The answer is the same for members and strangers.

    Raises InvalidPhone and what `codes.check_sending` raises; once committed TextNotSent, TextRefused or TextsTooOften
    when it could not be sent, which counts as sent: nobody knocks at the company's door at will.
    """
    number = phones.normalise(phone)
    index = phone_index(number)
    network = blind_index(codes.network_of(address), purpose="network")
    lock_phone(index)
    lock_network(network)
    limits = policies.current()
    codes.check_sending(sent=_sent_before(index, network, at), at=at, policies=limits)
    digits = f"{secrets.randbelow(1_000_000):06d}"
    lifetime = timedelta(seconds=limits.login_code_seconds)
    LoginCode.objects.create(
        phone_index=index,
        address_index=network,
        code_hash=_hashed(index, digits),
        sent_at=at,
        expires_at=at + lifetime,
    )
    minutes = lifetime // timedelta(minutes=1)
    text = f"【{shop_name()}】验证码 {digits}，{minutes} 分钟内有效，请勿告诉他人。"
    values = {"code": digits, "minutes": str(minutes)}
    transaction.on_commit(partial(send_text, phone=number, purpose="login_code", values=values, text=text, at=at))


@transaction_required
def try_code(*, phone: str, code: str, at: datetime) -> DomainError | None:
    """Use the newest code of a phone up, or say why not: WrongCode, CodeExpired, TooManyTries.

    The refusal is returned and not raised: the try must be committed, whatever is answered. Raises InvalidPhone and
    InvalidCode for texts that cost no try.
    """
    index = phone_index(phones.normalise(phone))
    digits = codes.normalise(code)
    newest = LoginCode.objects.filter(phone_index=index).order_by("-sent_at", "-pk").first()
    if newest is None or newest.used_at is not None or at >= newest.expires_at:
        return CodeExpired()
    limit = policies.current().login_code_tries
    left = _count_try(newest.pk, limit)
    if left is None:
        return TooManyTries()
    if not hmac.compare_digest(newest.code_hash, _hashed(index, digits)):
        return WrongCode(left=left) if left else TooManyTries()
    return None if _claim(newest.pk, at) else CodeExpired()


@transaction_required
def prune(*, before: datetime) -> int:
    """Delete codes sent before that moment; they no longer count towards any limit."""
    deleted, _ = LoginCode.objects.filter(sent_at__lt=before).delete()
    return deleted


def _hashed(index: str, digits: str) -> str:
    return blind_index(f"{index}:{digits}", purpose="login-code")


def _sent_before(index: str, network: str, at: datetime) -> codes.Sent:
    to_phone = LoginCode.objects.filter(phone_index=index)
    to_network = LoginCode.objects.filter(address_index=network)
    midnight = day_start(local_date(at))
    hour_ago = at - timedelta(hours=1)
    return codes.Sent(
        latest_at=to_phone.order_by("-sent_at").values_list("sent_at", flat=True).first(),
        to_phone_today=to_phone.filter(sent_at__gte=midnight).count(),
        to_network_this_hour=to_network.filter(sent_at__gt=hour_ago).count(),
        to_network_today=to_network.filter(sent_at__gte=midnight).count(),
    )


def _count_try(code_id: int, limit: int) -> int | None:
    """Count one try, and say how many are left; None when there were none left."""
    if not LoginCode.objects.filter(pk=code_id, tries__lt=limit).update(tries=F("tries") + 1):
        return None
    return limit - LoginCode.objects.values_list("tries", flat=True).get(pk=code_id)


def _claim(code_id: int, at: datetime) -> bool:
    """Mark the code used; of two that try at once one gets True."""
    return LoginCode.objects.filter(pk=code_id, used_at__isnull=True).update(used_at=at) == 1
