"""Static segments: whom an uploaded list names, by phone or member number, and which lines name nobody.

A list is kept as a file, read in chunks that may be killed at any moment, and put into its segment at once at the end.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import ClassVar, Final, NamedTuple

from django.conf import settings
from django.db import transaction

from config.core.db import fetch_all, transaction_required
from config.core.errors import DomainError, NotFound
from config.core.random_numbers import public_number
from members.models import Member, Segment, SegmentMember, SegmentUpload, SegmentUploadLine
from members.rules.phones import InvalidPhone, masked, normalise
from members.rules.points_rows import BadFile
from members.services.login_codes import phone_index
from members.services.points_import.files import look_at
from members.services.segments import report_entered

_MOST_ROWS: Final = 200_000
_AT_ONCE: Final = 2000
_KEPT: Final = timedelta(days=1)  # the lines that name nobody
_LONG_NUMBER: Final = re.compile(r"\d[\d\s-]{5,}\d")
_MASKABLE: Final = 11  # characters of a number of which the first three and the last four may be shown
_NOTE: Final = """
INSERT INTO members_segmentuploadline (upload_id, line, member, text, why)
SELECT %(upload)s, said.line, said.member, said.text, said.why
FROM unnest(%(lines)s::integer[], %(members)s::bigint[], %(texts)s::text[], %(whys)s::text[])
     AS said (line, member, text, why)
ON CONFLICT DO NOTHING RETURNING 1
"""
# who was merged meanwhile stands for whom they were merged into; who has left for nobody
_MEANT: Final = """
SELECT DISTINCT kept.id FROM members_segmentuploadline AS said
JOIN members_member AS one ON one.id = said.member
JOIN members_member AS kept ON kept.id = coalesce(one.merged_into_id, one.id) AND kept.status <> 'closed'
WHERE said.upload_id = %(upload)s
"""
_COME: Final = f"""
INSERT INTO members_segmentmember (segment_id, member_id, entered_at)
SELECT %(segment)s, meant.id, %(at)s FROM ({_MEANT}) AS meant ORDER BY meant.id
ON CONFLICT DO NOTHING RETURNING member_id
"""  # noqa: S608 (no value in it)
_GO: Final = f"""
WITH gone AS (
    DELETE FROM members_segmentmember AS s WHERE s.segment_id = %(segment)s
        AND NOT EXISTS (SELECT 1 FROM ({_MEANT}) AS meant WHERE meant.id = s.member_id) RETURNING 1
)
SELECT count(*) FROM gone
"""  # noqa: S608 (no value in it)
_HEADS: Final = frozenset({"手机号", "手机", "会员号", "电话", "phone", "mobile", "number"})
_OPEN: Final = (SegmentUpload.State.WAITING, SegmentUpload.State.RUNNING)


class BadList(DomainError):
    """The file is no list of members. Facts: text."""

    code: ClassVar[str] = "bad_list"
    message: ClassVar[str] = "{text}"
    http_status: ClassVar[int] = 400
    field: ClassVar[str | None] = "file"


class Cell(NamedTuple):
    """A line of a list that says something."""

    line: int
    text: str


class Line(NamedTuple):
    """A line, whom it names, or why nobody; numbers in its text are masked."""

    line: int
    member_id: int | None
    text: str = ""
    why: str = ""


@transaction_required
def ask(*, segment_id: int, blocks: Iterable[bytes], replaces: bool, user_id: int, at: datetime) -> int:
    """Keep the file, to be read in the background; the upload's id. Raises NotFound for what is no static segment."""
    if not Segment.objects.filter(pk=segment_id, kind=Segment.Kind.STATIC).exists():
        raise NotFound()
    name = public_number(24)
    path = path_of(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    with path.open("wb") as copy:
        copy.writelines(blocks)
    row = SegmentUpload.objects.create(
        segment_id=segment_id, user_id=user_id, file=name, replaces=replaces, asked_at=at
    )
    return row.pk


def waiting_ids() -> list[int]:
    """The uploads that are to be read, the oldest first: also those whose task was lost or killed."""
    return list(SegmentUpload.objects.filter(state__in=_OPEN).order_by("pk").values_list("pk", flat=True))


def chunks(*, upload_id: int) -> Iterator[tuple[list[Cell], int]]:
    """The file's lines that nobody has noted yet, some thousand at a time, and how many come before. Raises BadList."""
    row = SegmentUpload.objects.filter(pk=upload_id, state__in=_OPEN).first()
    if row is None:
        return
    try:
        with look_at(path_of(row.file)).rows() as rows:
            cells = _cells(rows)
            before = sum(1 for _ in islice(cells, row.lines))
            while some := list(islice(cells, _AT_ONCE)):
                yield some, before
                before += len(some)
    except BadFile as error:
        raise BadList(text=str(error)) from error


@transaction_required
def note(*, upload_id: int, cells: Sequence[Cell], lines_before: int) -> int:
    """Write down whom these lines name, which follow on `lines_before`; how many lines are noted by now.

    A phone may be spelled as people spell it. Lines that another has noted meanwhile are left as they are.
    """
    row = _locked(upload_id)
    if row is None or row.lines != lines_before:
        return lines_before if row is None else row.lines
    said = look_up(cells)
    fetch_all(
        _NOTE,
        {
            "upload": upload_id,
            "lines": [one.line for one in said],
            "members": [one.member_id for one in said],
            "texts": [one.text for one in said],
            "whys": [one.why for one in said],
        },
    )
    row.state, row.lines = SegmentUpload.State.RUNNING, row.lines + len(cells)
    row.bad += sum(one.member_id is None for one in said)
    row.save(update_fields=["state", "lines", "bad"])
    return row.lines


@transaction_required
def finish(*, upload_id: int, at: datetime) -> int | None:
    """Put whom the list names into the segment, all at once; its id, None: that was done before.

    `replaces`: and nobody else, unless it names nobody at all: that is another file. Raises BadList.
    """
    segment_id = SegmentUpload.objects.filter(pk=upload_id).values_list("segment_id", flat=True).first()
    if segment_id is None:
        return None
    segment = Segment.objects.select_for_update(no_key=True).get(pk=segment_id)
    row = _locked(upload_id)
    if row is None:
        return None
    if not row.lines:
        raise BadList(text="文件里没有内容，请把手机号或会员号放在第一列")
    about = {"segment": segment.pk, "upload": upload_id, "at": at}
    come = sorted(pk for (pk,) in fetch_all(_COME, about))
    report_entered(segment_id=segment.pk, member_ids=come, at=at)
    row.named, row.entered = len(fetch_all(_MEANT, about)), len(come)
    if row.replaces and row.named:
        row.left = int(fetch_all(_GO, about)[0][0])
    segment.members_count = SegmentMember.objects.filter(segment=segment).count()
    segment.refreshed_at, segment.state = at, Segment.State.READY
    segment.save(update_fields=["members_count", "refreshed_at", "state"])
    _end(row, SegmentUpload.State.DONE, at)
    return segment.pk


@transaction_required
def fail(*, upload_id: int, why: str, at: datetime) -> None:
    """Give the list up: the segment stays as it was, and the page says why."""
    row = _locked(upload_id)
    if row is not None:
        row.why = why[:200]
        _end(row, SegmentUpload.State.FAILED, at)


@transaction_required
def drop_old(*, at: datetime) -> int:
    """Forget the lines of lists that were read a day ago; how many lists."""
    old = SegmentUploadLine.objects.filter(upload__finished_at__lte=at - _KEPT)
    uploads = old.values("upload").distinct().count()
    old.delete()
    return uploads


def path_of(file: str) -> Path:
    """Where a list waits: in a folder that no web server serves."""
    return Path(settings.PRIVATE_ROOT) / "lists" / file


def _end(row: SegmentUpload, state: str, at: datetime) -> None:
    path = path_of(row.file)
    row.state, row.finished_at, row.file = state, at, ""
    row.save()
    SegmentUploadLine.objects.filter(upload=row, member__isnull=False).delete()
    transaction.on_commit(lambda: path.unlink(missing_ok=True), robust=True)


def _locked(upload_id: int) -> SegmentUpload | None:
    """The upload, if it is still to be read; two who read it take turns."""
    return SegmentUpload.objects.select_for_update().filter(pk=upload_id, state__in=_OPEN).first()


def _cells(rows: Iterator[tuple[int, list[str]]]) -> Iterator[Cell]:
    """The lines that say something; the head is left out."""
    said = 0
    for line, row in rows:
        text = row[0].strip() if row else ""
        if not text or (said == 0 and text.lower() in _HEADS):
            continue
        said += 1
        if said > _MOST_ROWS:
            raise BadList(text=f"名单最多 {_MOST_ROWS:,} 行，请拆成几个文件分次追加")
        yield Cell(line, text)


def look_up(some: Sequence[Cell]) -> list[Line]:
    """Whom each line names; a merged duplicate stands for whom it was merged into. Two queries."""
    phones = {text: index for _, text in some if (index := _index(text))}
    by_number = _open_members("number", [text for _, text in some])
    by_phone = _open_members("phone_index", list(phones.values()))
    found = []
    for line, text in some:
        member_id = by_number.get(text) or by_phone.get(phones.get(text, ""))
        if member_id is not None:
            found.append(Line(line, member_id))
        elif text in phones:
            found.append(Line(line, None, masked(normalise(text)), "没有用这个手机号的会员"))
        else:
            found.append(Line(line, None, _without_numbers(text), "既不是手机号，也没有这个会员号"))
    return found


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
