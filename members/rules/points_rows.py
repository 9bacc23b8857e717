"""One row of a points file: phone, points, expiry, note; or why it can't be read."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from config.core.time import day_start
from members.rules import phones

LARGEST = 10**12
LONGEST_NOTE = 200
_LAST_YEAR = 2199
Cells = tuple[str, str, str, str]  # phone, points, expiry, note as they were written
_HEADINGS: Mapping[str, frozenset[str]] = {
    "phone": frozenset({"手机号", "手机", "手机号码", "电话", "phone", "mobile"}),
    "points": frozenset({"积分", "积分余额", "可用积分", "points", "balance"}),
    "expiry": frozenset(
        {"到期", "到期日", "到期日期", "有效期", "有效期至", "过期时间", "expiry", "expires", "expires_at"}
    ),
    "note": frozenset({"备注", "说明", "note", "remark"}),
}
_NEVER = frozenset({"长期", "长期有效", "永久", "永久有效", "never"})
_POINTS = re.compile(r"\+?(\d{1,3}(?:,\d{3})+|\d{1,30})(?:\.0+)?")
_SCIENTIFIC = re.compile(r"\d(\.\d+)?[eE]\+?\d+")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]+00:00(?::00(?:\.0+)?)?)?")
_COMPACT_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")


class BadFile(ValueError):
    """The file as a whole can't be imported; `sentence` says why in Chinese."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence
        super().__init__(sentence)


class BadRow(ValueError):
    """One row can't be imported; its text says why in Chinese."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PointsRow:
    """Points of one phone; `expires_at` None: they never lapse."""

    line: int
    phone: str
    points: int
    expires_at: datetime | None
    note: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Columns:
    """Where the four values stand; expiry and note may be missing."""

    phone: int
    points: int
    expiry: int | None
    note: int | None

    def cells(self, row: Sequence[str]) -> Cells:
        """Phone, points, expiry and note of a row as they were written."""
        places = (self.phone, self.points, self.expiry, self.note)
        return tuple(_at(row, place) for place in places)  # type: ignore[return-value]


def columns_of(heading: Sequence[str]) -> Columns:
    """Where the heading's names put the values; other columns are passed over. Raises BadFile."""
    names = [unicodedata.normalize("NFKC", name).strip().lower() for name in heading]
    found = {kind: [at for at, name in enumerate(names) if name in known] for kind, known in _HEADINGS.items()}
    if not found["phone"] or not found["points"]:
        raise BadFile("第一行应为表头，至少有「手机号」和「积分」两列，可以再有「到期」和「备注」")
    twice = [names[places[1]] for places in found.values() if len(places) > 1]
    if twice:
        raise BadFile(f"表头里「{twice[0]}」和另一列是同一个意思，请只留一列")
    first = {kind: places[0] if places else None for kind, places in found.items()}
    return Columns(phone=found["phone"][0], points=found["points"][0], expiry=first["expiry"], note=first["note"])


def read_row(*, cells: Cells, line: int, at: datetime, default_expiry: datetime | None) -> PointsRow:
    """The row's values; an empty expiry is `default_expiry`. Raises BadRow."""
    phone, points, expiry, note = cells
    clean_note = " ".join(note.split())
    if len(clean_note) > LONGEST_NOTE:
        raise BadRow(f"备注超过 {LONGEST_NOTE} 个字")
    return PointsRow(
        line=line,
        phone=_phone(phone),
        points=_points(points),
        expires_at=_expiry(expiry, at=at, default=default_expiry),
        note=clean_note,
    )


def _at(row: Sequence[str], place: int | None) -> str:
    """The cell, without what a spreadsheet or our own report puts before text that is no formula."""
    return row[place].replace("\0", "").removeprefix("'") if place is not None and place < len(row) else ""


def _phone(text: str) -> str:
    if not text.strip():
        raise BadRow("缺少手机号")
    if _SCIENTIFIC.fullmatch(text.strip()):
        raise BadRow("手机号是科学计数法，请把这一列设为文本后重新导出")
    try:
        return phones.normalise(text)
    except phones.InvalidPhone as error:
        raise BadRow("手机号无效") from error


def _points(text: str) -> int:
    compact = unicodedata.normalize("NFKC", text).strip()
    if not compact:
        raise BadRow("缺少积分")
    if compact.startswith("-"):
        raise BadRow("积分为负")
    match = _POINTS.fullmatch(compact)
    if match is None:
        raise BadRow("积分不是整数")
    points = int(match[1].replace(",", ""))
    if points == 0:
        raise BadRow("积分为 0")
    if points > LARGEST:
        raise BadRow(f"积分超过 {LARGEST:,}")
    return points


def _expiry(text: str, *, at: datetime, default: datetime | None) -> datetime | None:
    compact = unicodedata.normalize("NFKC", text).strip()
    if not compact:
        return default
    if compact.lower() in _NEVER:
        return None
    expires_at = day_start(_day(compact) + timedelta(days=1))
    if expires_at <= at:
        raise BadRow("已经过期")
    return expires_at


def _day(text: str) -> date:
    match = _COMPACT_DAY.fullmatch(text) or _DAY.fullmatch(text)
    try:
        if match is None:
            raise ValueError(text)
        day = date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError as error:
        raise BadRow("到期日无法识别，应为 2027-06-30 这样的日期，或「长期」") from error
    if day.year > _LAST_YEAR:
        raise BadRow(f"到期日晚于 {_LAST_YEAR} 年，长期有效请写「长期」")
    return day
