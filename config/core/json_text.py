"""JSON that a person sent in a form: of bounded length and depth, and of nothing that the database can't keep."""

import json
from typing import Any


def read_json(text: str, *, longest: int, deepest: int) -> Any:
    """What the JSON says. Raises ValueError, also for what would only fail later: depth, NUL, halves of characters."""
    if len(text) > longest:
        raise ValueError("too long")
    try:
        data = json.loads(text, parse_constant=_no_number)
        written = json.dumps(data, ensure_ascii=False)
    except RecursionError as error:  # "[[[[…": deeper than the decoder goes
        raise ValueError("too deep") from error
    written.encode()  # half of a character has no bytes: UnicodeEncodeError is a ValueError
    if "\\u0000" in written or _is_deeper(data, than=deepest):
        raise ValueError("a character that is none, or too deep")
    return data


def _no_number(name: str) -> None:
    raise ValueError(name)


def _is_deeper(data: Any, *, than: int) -> bool:
    if not isinstance(data, dict | list):
        return False
    inside = data.values() if isinstance(data, dict) else data
    return than == 0 or any(_is_deeper(one, than=than - 1) for one in inside)
