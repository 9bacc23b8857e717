"""Message templates: named variables in braces, nothing else is filled in and nothing is looked up.

`{points}` is replaced by what the variable of that name says, in one pass: what a value itself contains is text.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from urllib.parse import quote

from config.core.money import yuan
from config.core.time import SHANGHAI

KINDS: Final = {
    "text": "文字",
    "int": "整数",
    "money": "金额",
    "date": "日期",
    "moment": "日期和时间",
    "url": "页面路径",
}
MISSING: Final = "—"
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,29}")
_PLACE: Final = re.compile(r"\{([a-z][a-z0-9_]{0,29})\}")
_PATH: Final = re.compile(r"/(?![/\\])[A-Za-z0-9\-._~/?&=%#]*")
_MOST_TEXT: Final = 60
_MOST_PATH: Final = 200
_BIGGEST: Final = 10**15


class BadVariable(ValueError):
    """A variable or a value that a template can't have; its text is a Chinese sentence."""


@dataclass(frozen=True, kw_only=True)
class Variable:
    """One thing that a template may name: of which kind, how staff call it, and a value for the preview."""

    name: str
    kind: str
    title: str
    sample: str


def variables_of(rows: Any) -> list[Variable]:
    """The variables in a template's JSON. Raises BadVariable."""
    if not isinstance(rows, list) or len(rows) > 20:
        raise BadVariable("变量是一个列表，最多 20 个")
    found = [_variable(row) for row in rows]
    names = [one.name for one in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise BadVariable(f"变量 {{{twice[0]}}} 重复了")
    return found


def _variable(row: Any) -> Variable:
    if not isinstance(row, dict) or set(row) != {"name", "kind", "title", "sample"}:
        raise BadVariable("每个变量须有 name、kind、title、sample 四项")
    name, kind, title, sample = (row[part] for part in ("name", "kind", "title", "sample"))
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise BadVariable("变量名以小写字母开头，只含小写字母、数字和下划线，最长 30 个字符")
    if kind not in KINDS:
        raise BadVariable(f"变量 {{{name}}} 的类型须为 {'、'.join(KINDS)} 之一")
    if not isinstance(title, str) or not 1 <= len(title.strip()) <= 20:
        raise BadVariable(f"变量 {{{name}}} 须有 20 字以内的说明")
    read(kind, sample, title=title)
    return Variable(name=name, kind=kind, title=title, sample=sample)


def read(kind: str, text: Any, *, title: str) -> Any:
    """The value of that kind which a person typed. Raises BadVariable with a sentence that names `title`."""
    if not isinstance(text, str) or not text.strip():
        raise BadVariable(f"请填写「{title}」")
    value = _READERS[kind](text.strip())
    if value is None or written(kind, value) == MISSING:
        raise BadVariable(f"「{title}」{_EXPECTED[kind]}")
    return value


def _whole(text: str) -> int | None:
    return int(text) if re.fullmatch(r"-?[0-9]{1,15}", text) else None


def _cents(text: str) -> int | None:
    if not re.fullmatch(r"-?[0-9]{1,12}(\.[0-9]{1,2})?", text):
        return None
    whole, _, part = text.lstrip("-").partition(".")
    cents = int(whole) * 100 + int(part.ljust(2, "0"))
    return -cents if text.startswith("-") else cents


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _moment(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)
    except ValueError:
        return None


_READERS: Final[Mapping[str, Any]] = {
    "text": str,
    "int": _whole,
    "money": _cents,
    "date": _day,
    "moment": _moment,
    "url": str,
}
_EXPECTED: Final = {
    "text": f"为 {_MOST_TEXT} 字以内的文字",
    "int": "为整数，例如 100",
    "money": "为金额（元），例如 9.90",
    "date": "为日期，例如 2026-11-30",
    "moment": "为日期和时间，例如 2026-11-30 18:00",
    "url": "为本商城页面的路径，例如 /points/",
}


def written(kind: str, value: Any) -> str:
    """The value as members read it; "—" for what is of no such kind. Never raises, and asks the value nothing."""
    try:
        return _WRITERS[kind](value) or MISSING
    except (KeyError, OverflowError, ValueError):
        return MISSING


def _as_text(value: Any) -> str:
    if type(value) is not str:
        return ""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in value).split())
    return line if len(line) <= _MOST_TEXT else line[: _MOST_TEXT - 1] + "…"


def _as_whole(value: Any) -> str:
    return f"{value:,}" if type(value) is int and abs(value) < _BIGGEST else ""


def _as_money(value: Any) -> str:
    return yuan(value) if type(value) is int and abs(value) < _BIGGEST else ""


def _as_day(value: Any) -> str:
    if type(value) is datetime:
        return f"{value.astimezone(SHANGHAI):%Y-%m-%d}" if value.tzinfo else ""
    return value.isoformat() if type(value) is date else ""


def _as_moment(value: Any) -> str:
    return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if type(value) is datetime and value.tzinfo else ""


def _as_path(value: Any) -> str:
    return value if type(value) is str and len(value) <= _MOST_PATH and _PATH.fullmatch(value) else ""


_WRITERS: Final[Mapping[str, Any]] = {
    "text": _as_text,
    "int": _as_whole,
    "money": _as_money,
    "date": _as_day,
    "moment": _as_moment,
    "url": _as_path,
}


def values_of(variables: Iterable[Variable], context: Mapping[str, Any]) -> dict[str, str]:
    """What each variable says in that context: listed names alone, each in the form of its kind."""
    return {one.name: written(one.kind, context.get(one.name)) for one in variables}


def samples_of(variables: Iterable[Variable]) -> dict[str, str]:
    """What each variable says in the preview."""
    return {one.name: written(one.kind, read(one.kind, one.sample, title=one.title)) for one in variables}


def fill(text: str, values: Mapping[str, str], *, most: int) -> str:
    """The text with its variables filled in, at most that many characters; a name without a value reads "—"."""
    filled = _PLACE.sub(lambda place: values.get(place[1], MISSING), text)
    return filled if len(filled) <= most else filled[: most - 1] + "…"


def fill_path(text: str, values: Mapping[str, str]) -> str:
    """The path with its variables filled in, each as one part of it; empty when a value is missing."""
    if any(values.get(name, MISSING) == MISSING for name in names_in(text)):
        return ""
    is_whole = _PLACE.fullmatch(text) is not None  # the value is the path, and has to look like one
    filled = _PLACE.sub(lambda place: values[place[1]] if is_whole else quote(values[place[1]], safe=""), text)
    return filled if _PATH.fullmatch(filled) and len(filled) <= 2 * _MOST_PATH else ""


def names_in(text: str) -> set[str]:
    """The variables that a text names."""
    return {place[1] for place in _PLACE.finditer(text)}


def fault_in(text: str, variables: Iterable[Variable]) -> str:
    """A Chinese sentence about what is wrong with a template's text; empty: nothing."""
    known = {one.name for one in variables}
    unknown = sorted(names_in(text) - known)
    if unknown:
        offered = "、".join(f"{{{name}}}" for name in sorted(known)) or "没有变量"
        return f"没有变量 {{{unknown[0]}}}，可用的有：{offered}"
    rest = _PLACE.sub("", text)
    if "{" in rest or "}" in rest:
        return "花括号只能用来写变量，例如 {points}"
    return ""


def path_fault_in(text: str, variables: Iterable[Variable]) -> str:
    """The same for a link: a path of this shop."""
    if not text:
        return ""
    fault = fault_in(text, variables)
    if fault:
        return fault
    plain = _PLACE.sub("x", text)
    is_path = bool(_PATH.fullmatch(plain)) or text in {f"{{{one.name}}}" for one in variables if one.kind == "url"}
    return "" if is_path else "链接须为本商城页面的路径，以 / 开头"
