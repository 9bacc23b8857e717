"""Fields of WeChat's message templates: their kind is in their name (`thing1`), and each kind takes only so much."""

import re
from collections.abc import Mapping
from typing import Final

_KEY: Final = re.compile(r"([a-z_]+?)[0-9]{1,2}")
_MOST: Final[Mapping[str, int]] = {
    "thing": 20,
    "number": 32,
    "letter": 32,
    "symbol": 5,
    "character_string": 32,
    "time": 32,
    "date": 32,
    "amount": 12,
    "phone_number": 17,
    "car_number": 8,
    "name": 10,
    "phrase": 5,
}
_EMPTY: Final[Mapping[str, str]] = {
    "number": "0",
    "letter": "N",
    "symbol": "-",
    "character_string": "-",
    "amount": "¥0",
}
_REFUSED: Final[Mapping[str, str]] = {
    "number": r"[^0-9.\-]",
    "letter": r"[^A-Za-z]",
    "character_string": r"[^\x21-\x7e]",
    "amount": r"[^0-9.¥￥元\-]",
    "phone_number": r"[^0-9+\-]",
    "phrase": r"[^\u4e00-\u9fff]",
}
_OFFICIAL: Final = re.compile(r"first|remark|keyword[0-9]{1,2}")


def kind_of(key: str) -> str:
    """The kind of a field by its name; empty for a name that WeChat doesn't know."""
    found = _KEY.fullmatch(key)
    kind = found[1] if found else ""
    return kind if kind in _MOST else ""


def fault_in_key(key: str) -> str:
    """A Chinese sentence about a field's name; empty: nothing is wrong."""
    if kind_of(key) or _OFFICIAL.fullmatch(key):
        return ""
    return f"没有「{key}」这样的字段，应与微信模板里的字段名一致，例如 thing1、amount2、date3"


def fitted(key: str, text: str) -> str:
    """The text as that field takes it: one line, only the signs of its kind, not too long, never empty."""
    kind = kind_of(key)
    line = " ".join("".join(sign for sign in text if sign.isprintable() and ord(sign) < 0x10000).split())
    if not kind:
        return line[:200] or "-"
    if kind in _REFUSED:
        line = re.sub(_REFUSED[kind], "", line)
    most = _MOST[kind]
    if len(line) > most:
        line = line[: most - 1] + "…" if kind in {"thing", "name"} else line[:most]
    return line or _EMPTY.get(kind, "无")
