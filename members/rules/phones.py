"""Mainland mobile numbers: one spelling for every way people type them."""

import re
import unicodedata
from typing import ClassVar

from config.core.errors import DomainError

# Between digits people write signs, and address books copy marks that nobody sees (text direction, zero width).
_SEPARATORS = re.compile("[\\s\\-‐-―()（）.·\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")
_PREFIX = re.compile(r"^(?:\+|00)?86(?=1\d{10}$)")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")


class InvalidPhone(DomainError):
    """The text is no mainland mobile number."""

    code: ClassVar[str] = "invalid_phone"
    message: ClassVar[str] = "请输入 11 位手机号"
    http_status: ClassVar[int] = 400
    field: ClassVar[str | None] = "phone"


def normalise(text: str) -> str:
    """The eleven digits of a mobile number typed with +86, spaces, dashes or full-width digits. Raises InvalidPhone."""
    compact = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text[:40]))
    digits = _PREFIX.sub("", compact)
    if not _MOBILE.fullmatch(digits) or not digits.isascii():
        raise InvalidPhone()
    return digits


def masked(phone: str) -> str:
    """138****0001; an empty number stays empty."""
    return f"{phone[:3]}****{phone[-4:]}" if phone else ""
