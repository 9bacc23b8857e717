"""Personal data in what is noted: enough to tell two apart, not enough to call anybody."""

import re

_PHONE = re.compile(r"(?<!\d)(1[3-9]\d)\d{4}(\d{4})(?!\d)")
_MAIL = re.compile(r"([\w.+-])[\w.+-]*@([\w-]+\.[\w.-]+)")


def masked(text: str) -> str:
    """The text with mobile numbers as 138****5678 and mail addresses as a***@example.com."""
    return _MAIL.sub(r"\1***@\2", _PHONE.sub(r"\1****\2", text))
