"""The arithmetic of codes: no clock, no database."""

import base64
import re
import secrets
import unicodedata
from datetime import datetime
from hmac import compare_digest
from urllib.parse import quote

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP

STEP_SECONDS = 30
DIGITS = 6
DRIFT = 1  # a phone's clock may be one step early or late
BACKUP_CODES = 10
LONGEST_WAIT = 900

_SECRET_BYTES = 20
_BACKUP_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that is read as another
_BACKUP_LENGTH = 10
_APART = re.compile(r"[\s-]+")


def new_secret() -> str:
    """A secret for an authenticator app, in Base32."""
    return base64.b32encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def new_backup_codes() -> list[str]:
    """Ten codes of 50 random bits each: "ABCDE-FGHJK"."""
    return [
        "-".join("".join(secrets.choice(_BACKUP_LETTERS) for _ in range(_BACKUP_LENGTH // 2)) for _ in range(2))
        for _ in range(BACKUP_CODES)
    ]


def read(typed: str) -> str:
    """What was meant: full-width digits, small letters, blanks and hyphens are all right."""
    return _APART.sub("", unicodedata.normalize("NFKC", typed)).upper()


def code_at(*, secret: str, step: int) -> str:
    """The six digits that an app shows during that step."""
    key = base64.b32decode(secret)
    return HOTP(key, DIGITS, SHA1()).generate(step).decode()  # noqa: S303 (what authenticator apps speak)


def step_at(at: datetime) -> int:
    """The number of the half minute."""
    return int(at.timestamp()) // STEP_SECONDS


def matching_step(*, secret: str, code: str, at: datetime, after: int) -> int | None:
    """The step whose code this is, within the drift and later than `after`; None when it is no such code."""
    now = step_at(at)
    matching = [
        step
        for step in range(now - DRIFT, now + DRIFT + 1)
        if compare_digest(code_at(secret=secret, step=step).encode(), code.encode()) and step > after
    ]
    return min(matching, default=None)


def seconds_to_wait(*, failures: int, failed_at: datetime | None, at: datetime) -> int:
    """How long no code is looked at after so many wrong ones: 1, 2, 4 … seconds, a quarter of an hour at most."""
    if failures == 0 or failed_at is None:
        return 0
    wait = min(2 ** min(failures - 1, 20), LONGEST_WAIT)
    return max(0, -int(-(wait - (at - failed_at).total_seconds()) // 1))


def address_for_app(*, secret: str, shop: str, username: str) -> str:
    """What the QR code says to an authenticator app."""
    issuer = quote(shop.replace(":", " "), safe="")
    return f"otpauth://totp/{issuer}:{quote(username, safe='')}?secret={secret}&issuer={issuer}"
