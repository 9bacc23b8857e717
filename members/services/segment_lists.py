"""Static segments: whom an uploaded list names, by phone or member number, and which lines name nobody."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import ClassVar, Final

from config.core.db import transaction_required
from config.core.errors import DomainError, NotFound
from members.models import Member, Segment, SegmentMember
from members.rules.phones import InvalidPhone, normalise
from members.rules.points_rows import BadFile
from members.services.login_codes import phone_index
from members.services.points_import.files import look_at
from members.services.segments import report_entered

_MOST_ROWS: Final = 200_000
_AT_ONCE: Final = 2000
_SHOWN: Final = 200
_HEADS: Final = frozenset({"手机号", "手机", "会员号", "电话", "phone", "mobile", "number"})


class BadList(DomainError):
    """The file is no list of members. Facts: text."""

    code: ClassVar[str] = "bad_list"
    message: ClassVar[str] = "{text}"
    http_status: ClassVar[int] = 400
    field: ClassVar[str | None] = "file"


@dataclass(frozen=True, kw_only=True)
class BadRow:
    """A line that names nobody, and why."""

    line: int
    text: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Uploaded:
    """What became of a list: how many it names, how many came in and went, and the first of the lines that failed."""

    named: int
    entered: int
    left: int
    bad: int
    bad_rows: tuple[BadRow, ...]


@transaction_required
def upload(*, segment_id: int, path: Path, replaces: bool, at: datetime) -> Uploaded:
    """Put the members whom the file's first column names into the segment; `replaces`: and nobody else.

    A phone may be spelled as people spell it; a merged duplicate stands for whom it was merged into. Raises NotFound,
    BadList.
    """
    segment = Segment.objects.select_for_update(no_key=True).filter(pk=segment_id, kind=Segment.Kind.STATIC).first()
    if segment is None:
        raise NotFound()
    named, bad = _read(path)
    before = set(SegmentMember.objects.filter(segment=segment).values_list("member_id", flat=True))
    new = sorted(named - before)
    rows = [SegmentMember(segment=segment, member_id=pk, entered_at=at) for pk in new]
    SegmentMember.objects.bulk_create(rows, batch_size=_AT_ONCE)
    gone = before - named if replaces else set()
    SegmentMember.objects.filter(segment=segment, member_id__in=gone).delete()
    report_entered(segment_id=segment.pk, member_ids=new, at=at)
    segment.members_count, segment.refreshed_at = len(before) + len(new) - len(gone), at
    segment.state = Segment.State.READY
    segment.save(update_fields=["members_count", "refreshed_at", "state"])
    return Uploaded(named=len(named), entered=len(new), left=len(gone), bad=len(bad), bad_rows=tuple(bad[:_SHOWN]))


def _read(path: Path) -> tuple[set[int], list[BadRow]]:
    named: set[int] = set()
    bad: list[BadRow] = []
    try:
        with look_at(path).rows() as rows:
            cells = _cells(rows)
            while some := list(islice(cells, _AT_ONCE)):
                _look_up(some, named, bad)
    except BadFile as error:
        raise BadList(text=str(error)) from error
    if not named and not bad:
        raise BadList(text="文件里没有内容，请把手机号或会员号放在第一列")
    return named, bad


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


def _look_up(some: Sequence[tuple[int, str]], named: set[int], bad: list[BadRow]) -> None:
    """Two queries for so many lines."""
    phones = {text: index for _, text in some if (index := _index(text))}
    by_number = _open_members("number", [text for _, text in some])
    by_phone = _open_members("phone_index", list(phones.values()))
    for line, text in some:
        member_id = by_number.get(text) or by_phone.get(phones.get(text, ""))
        if member_id is None:
            why = "没有用这个手机号的会员" if text in phones else "既不是手机号，也没有这个会员号"
            bad.append(BadRow(line=line, text=text[:20], why=why))
        else:
            named.add(member_id)


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
