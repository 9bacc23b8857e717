"""Log-in codes: how many may be sent, and what is wrong with a code that was typed."""

import ipaddress
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from config.core.errors import DomainError
from config.core.policies import Policies
from config.core.time import day_bounds, local_date

_CODE = re.compile(r"[0-9]{6}")


class InvalidCode(DomainError):
    """What was typed can't be a code: not six digits. It costs no try."""

    code: ClassVar[str] = "invalid_code"
    message: ClassVar[str] = "请输入 6 位数字验证码"
    http_status: ClassVar[int] = 400
    field: ClassVar[str | None] = "code"


class CodeSentRecently(DomainError):
    """A code went to this phone a moment ago."""

    code: ClassVar[str] = "code_sent_recently"
    message: ClassVar[str] = "验证码已发送，请 {seconds} 秒后再获取"
    http_status: ClassVar[int] = 429
    field: ClassVar[str | None] = "phone"
    public_facts: ClassVar[Mapping[str, str]] = {"seconds": "多少秒后再试"}


class TooManyCodes(DomainError):
    """This phone has had its codes for today."""

    code: ClassVar[str] = "too_many_codes"
    message: ClassVar[str] = "该手机号今天获取验证码次数过多，请明天再试"
    http_status: ClassVar[int] = 429
    field: ClassVar[str | None] = "phone"
    public_facts: ClassVar[Mapping[str, str]] = {"seconds": "多少秒后再试"}


class TooManyCodesFromHere(DomainError):
    """This network has asked for too many codes within the hour."""

    code: ClassVar[str] = "too_many_codes_from_here"
    message: ClassVar[str] = "当前网络获取验证码过于频繁，请一小时后再试"
    http_status: ClassVar[int] = 429
    field: ClassVar[str | None] = "phone"
    public_facts: ClassVar[Mapping[str, str]] = {"seconds": "多少秒后再试"}


class TooManyCodesFromHereToday(DomainError):
    """This network has asked for too many codes today."""

    code: ClassVar[str] = "too_many_codes_from_here_today"
    message: ClassVar[str] = "当前网络今天获取验证码次数过多，请换一个网络或明天再试"
    http_status: ClassVar[int] = 429
    field: ClassVar[str | None] = "phone"
    public_facts: ClassVar[Mapping[str, str]] = {"seconds": "多少秒后再试"}


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What has been sent before: the latest to the phone, how many to it today, to the network this hour and today."""

    latest_at: datetime | None
    to_phone_today: int
    to_network_this_hour: int
    to_network_today: int


def check_sending(*, sent: Sent, at: datetime, policies: Policies) -> None:
    """Refuse a further code. Raises CodeSentRecently, TooManyCodes, TooManyCodesFromHere, TooManyCodesFromHereToday."""
    if sent.latest_at is not None:
        wait = sent.latest_at + timedelta(seconds=policies.login_code_interval_seconds) - at
        if wait > timedelta(0):
            raise CodeSentRecently(seconds=-(-wait // timedelta(seconds=1)))
    if sent.to_phone_today >= policies.login_codes_per_phone_day:
        raise TooManyCodes(seconds=_until_tomorrow(at))
    if sent.to_network_this_hour >= policies.login_codes_per_address_hour:
        raise TooManyCodesFromHere(seconds=60 * 60)
    if sent.to_network_today >= policies.login_codes_per_address_day:
        raise TooManyCodesFromHereToday(seconds=_until_tomorrow(at))


def normalise(text: str) -> str:
    """Six digits, however wide they were typed. Raises InvalidCode."""
    digits = "".join(unicodedata.normalize("NFKC", text[:40]).split())
    if not _CODE.fullmatch(digits):
        raise InvalidCode()
    return digits


def _until_tomorrow(at: datetime) -> int:
    return -(-(day_bounds(local_date(at))[1] - at) // timedelta(seconds=1))


def network_of(address: str) -> str:
    """What counts as one sender: an IPv4 address, or the /64 of one IPv6 customer. Other text is kept."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False))
