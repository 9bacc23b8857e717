"""Static segments: whom an uploaded list names, by phone or member number, and which lines name nobody."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import ClassVar, Final, Self

from config.core.admin.spreadsheets import harmless
from config.core.db import fetch_all, transaction_required
from config.core.errors import DomainError, NotFound
from members.models import Member, Segment, SegmentMember
from members.rules.phones import InvalidPhone, masked, normalise
from members.rules.points_rows import BadFile
from members.services.login_codes import phone_index
from members.services.points_import.files import look_at
from members.services.segments import report_entered

_MOST_ROWS: Final = 200_000
_AT_ONCE: Final = 2000
_SHOWN: Final = 20
_LONG_NUMBER: Final = re.compile(r"\d[\d\s-]{5,}\d")
_MASKABLE: Final = 11  # characters of a number of which the first three and the last four may be shown
_COME: Final = """
INSERT INTO members_segmentmember (segment_id, member_id, entered_at)
SELECT %(segment)s, id, %(at)s FROM unnest(%(members)s::bigint[]) AS named (id) ORDER BY id
ON CONFLICT DO NOTHING RETURNING member_id
"""
_GO: Final = """
WITH gone AS (
    DELETE FROM members_segmentmember WHERE segment_id = %(segment)s AND member_id <> ALL(%(members)s) RETURNING 1
)
SELECT count(*) FROM gone
"""
_HEADS: Final = frozenset({"手机号", "手机", "会员号", "电话", "phone", "mobile", "number"})


class BadList(DomainError):
    """The file is no list of members. Facts: text."""

    code: ClassVar[str] = "bad_list"
    message: ClassVar[str] = "{text}"
    http_status: ClassVar[int] = 400
    field: ClassVar[str | None] = "file"


@dataclass(frozen=True, kw_only=True)
class BadRow:
    """A line that names nobody, and why; numbers in its text are masked."""

    line: int
    text: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Uploaded:
    """What became of a list: how many it names, how many came in and went, how many lines failed, and the first."""

    named: int
    entered: int
    left: int
    bad: int
    bad_rows: tuple[BadRow, ...]


@transaction_required
def upload(*, segment_id: int, path: Path, faults: Path, replaces: bool, at: datetime) -> Uploaded:
    """Put the members whom the file's first column names into the segment; `replaces`: and nobody else, unless it
    names nobody at all: that is another file.

    A phone may be spelled as people spell it; a merged duplicate stands for whom it was merged into. The lines that
    name nobody are written to `faults`. However long the list, no more than its members' ids are kept in memory.
    Raises NotFound, BadList.
    """
    segment = Segment.objects.select_for_update(no_key=True).filter(pk=segment_id, kind=Segment.Kind.STATIC).first()
    if segment is None:
        raise NotFound()
    entered, named = 0, set[int]()
    with _Faults(faults) as bad:
        for found in _found(path, bad):
            new = sorted(found - named)
            come = fetch_all(_COME, {"segment": segment_id, "members": new, "at": at})
            report_entered(segment_id=segment_id, member_ids=sorted(pk for (pk,) in come), at=at)
            entered += len(come)
            named |= found
    if not named and not bad.number:
        raise BadList(text="文件里没有内容，请把手机号或会员号放在第一列")
    left = int(fetch_all(_GO, {"segment": segment_id, "members": sorted(named)})[0][0]) if replaces and named else 0
    segment.members_count = SegmentMember.objects.filter(segment=segment).count()
    segment.refreshed_at, segment.state = at, Segment.State.READY
    segment.save(update_fields=["members_count", "refreshed_at", "state"])
    return Uploaded(named=len(named), entered=entered, left=left, bad=bad.number, bad_rows=tuple(bad.first))


class _Faults:
    """The lines that name nobody: written down one by one, counted, and the first kept to be shown."""

    def __init__(self, path: Path) -> None:
        self.number = 0
        self.first: list[BadRow] = []
        self._path = path

    def __enter__(self) -> Self:
        self._file = self._path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file)
        self._writer.writerow(["行", "内容", "原因"])
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, row: BadRow) -> None:
        self.number += 1
        if len(self.first) < _SHOWN:
            self.first.append(row)
        self._writer.writerow([row.line, harmless(row.text), row.why])


def _found(path: Path, bad: _Faults) -> Iterator[set[int]]:
    """The members whom the file names, some thousand lines at a time."""
    try:
        with look_at(path).rows() as rows:
            cells = _cells(rows)
            while some := list(islice(cells, _AT_ONCE)):
                yield _look_up(some, bad)
    except BadFile as error:
        raise BadList(text=str(error)) from error


def _cells(rows: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, str]]:
    """Line and first cell of the lines that say something; the head is left out."""
    said = 0
    for line, row in rows:
        text = row[0].strip() if row else ""
        if not text or (said == 0 and text.lower() in _HEADS):
            continue
        said += 1
        if said > _MOST_ROWS:
            raise BadList(text=f"名单最多 {_MOST_ROWS:,} 行，请拆成几个文件分次追加")
        yield line, text


def _look_up(some: Sequence[tuple[int, str]], bad: _Faults) -> set[int]:
    """Two queries for so many lines."""
    phones = {text: index for _, text in some if (index := _index(text))}
    by_number = _open_members("number", [text for _, text in some])
    by_phone = _open_members("phone_index", list(phones.values()))
    named = set()
    for line, text in some:
        member_id = by_number.get(text) or by_phone.get(phones.get(text, ""))
        if member_id is not None:
            named.add(member_id)
        elif text in phones:
            bad.add(BadRow(line=line, text=masked(normalise(text)), why="没有用这个手机号的会员"))
        else:
            bad.add(BadRow(line=line, text=_without_numbers(text), why="既不是手机号，也没有这个会员号"))
    return named


def _without_numbers(text: str) -> str:
    """The start of the text, in which whatever may be somebody's number is masked."""
    return _LONG_NUMBER.sub(lambda number: _masked(number.group()), text)[:20]


def _masked(number: str) -> str:
    return masked(number) if len(number) >= _MASKABLE else f"{number[:2]}****"


def _index(text: str) -> str:
    try:
        return phone_index(normalise(text))
    except InvalidPhone:
        return ""


def _open_members(column: str, values: list[str]) -> dict[str, int]:
    rows = Member.objects.filter(**{f"{column}__in": values}).values_list(
        column, "pk", "status", "merged_into_id", "merged_into__status"
    )
    found = {}
    for value, pk, status, target_id, target_status in rows:
        if target_id and target_status != Member.Status.CLOSED:
            found[value] = target_id
        elif not target_id and status != Member.Status.CLOSED:
            found[value] = pk
    return found
