"""The code that a member shows at the till: their number and a proof that lives for a minute; digits for a QR code.

`88` + member number + eight digits of an HMAC over the second in which it was made. Each lives exactly a minute, so a
code shown late in some fixed step is as good as one shown early. Who takes a code notes its second; that one and all
older ones are then worth nothing.
"""

import hmac
import re
from hashlib import sha256
from typing import Final, NamedTuple

SECONDS: Final = 60
_PREFIX: Final = "88"
_DIGITS: Final = 8
_CODE: Final = re.compile(rf"{_PREFIX}([0-9]{{4,12}})([0-9]{{{_DIGITS}}})")


class Shown(NamedTuple):
    """What a code says: whose it claims to be, and its proof."""

    number: str
    proof: str


def code_for(*, number: str, secret: bytes, second: int) -> str:
    """The code of a member in that second since 1970."""
    return f"{_PREFIX}{number}{_proof(secret, second)}"


def read(text: str) -> Shown | None:
    """What a scanned text says; None when it is no such code."""
    found = _CODE.fullmatch("".join(text[:60].split()))
    return Shown(found[1], found[2]) if found else None


def second_of(*, proof: str, secret: bytes, second: int) -> int | None:
    """The second in which the code was made, when that is less than a minute ago; else None. All are compared."""
    made = None
    for candidate in range(second - SECONDS + 1, second + 1):
        if hmac.compare_digest(_proof(secret, candidate), proof):
            made = candidate
    return made


def _proof(secret: bytes, second: int) -> str:
    digest = hmac.new(secret, f"till:{second}".encode(), sha256).digest()
    return f"{int.from_bytes(digest[:8]) % 10**_DIGITS:0{_DIGITS}d}"
