"""A copy of one's data: asked for, made in the background, kept for a day as a private file, then deleted."""

import csv
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import ClassVar

from django.conf import settings
from django.db import transaction

from config.core import policies
from config.core.admin.spreadsheets import harmless
from config.core.db import transaction_required
from config.core.errors import DomainError, NotFound
from config.core.random_numbers import public_number
from config.core.time import day_start, local_date
from members.models import DataExport, Member
from members.ports import PersonalPart, personal_parts
from members.services.locks import lock_members


class CopyPending(DomainError):
    """One copy is being made already."""

    code: ClassVar[str] = "copy_pending"
    message: ClassVar[str] = "副本正在生成，请稍后回来查看"


class TooManyCopies(DomainError):
    """The member has asked for as many copies as one may in a day. Facts: limit."""

    code: ClassVar[str] = "too_many_copies"
    message: ClassVar[str] = "每天最多申请 {limit} 次，请明天再试"
    http_status: ClassVar[int] = 429
    public_facts: ClassVar[Mapping[str, str]] = {"limit": "每天最多几次"}


@transaction_required
def ask_for_copy(*, member_id: int, at: datetime) -> int:
    """The id of the copy that will be made. Raises CopyPending, TooManyCopies."""
    lock_members([member_id])
    mine = DataExport.objects.filter(member_id=member_id)
    if mine.filter(status=DataExport.Status.PENDING).exists():
        raise CopyPending()
    limit = policies.current().data_exports_per_day
    if mine.filter(requested_at__gte=day_start(local_date(at))).count() >= limit:
        raise TooManyCopies(limit=limit)
    return DataExport.objects.create(member_id=member_id, requested_at=at).pk


@transaction_required
def make_copy(*, export_id: int, at: datetime) -> bool:
    """Write the file; False: it was made before, or its member has gone. A killed attempt is repeated by the next."""
    row = DataExport.objects.select_for_update().filter(pk=export_id, status=DataExport.Status.PENDING).first()
    if row is None:
        return False
    content = _zip(_members_of(row.member_id))
    row.file = f"{public_number(24)}.zip"
    path = path_of(row.file)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(content)
    row.status, row.size, row.ready_at = DataExport.Status.READY, len(content), at
    row.expires_at = at + timedelta(hours=policies.current().data_export_hours)
    row.save(update_fields=["file", "status", "size", "ready_at", "expires_at"])
    return True


def file_of(*, member_id: int, export_id: int, at: datetime) -> Path:
    """Where the member's copy is. Raises NotFound for anybody else's, an old one, and one that isn't ready."""
    row = DataExport.objects.filter(pk=export_id, member_id=member_id, status=DataExport.Status.READY).first()
    if row is None or row.expires_at is None or row.expires_at <= at:
        raise NotFound()
    path = path_of(row.file)
    if not path.exists():
        raise NotFound()
    return path


def pending_ids(*, limit: int = 100) -> list[int]:
    """Copies that are still to be made, the oldest first: also those whose task was lost."""
    rows = DataExport.objects.filter(status=DataExport.Status.PENDING).order_by("pk")
    return list(rows.values_list("pk", flat=True)[:limit])


@transaction_required
def drop_expired(*, at: datetime, limit: int = 500) -> int:
    """Delete the files whose time is over; how many."""
    rows = DataExport.objects.select_for_update(skip_locked=True).filter(
        status=DataExport.Status.READY, expires_at__lte=at
    )
    return _drop(list(rows.order_by("pk")[:limit]))


@transaction_required
def drop_all(*, member_ids: Sequence[int]) -> int:
    """Delete every copy of those members' data; how many."""
    rows = DataExport.objects.select_for_update().filter(member_id__in=member_ids)
    return _drop(list(rows.exclude(status=DataExport.Status.GONE).order_by("pk")))


def drop_orphans(*, at: datetime) -> int:
    """Delete files that are older than any copy lives: what an attempt left that was killed before its commit."""
    oldest = (at - timedelta(hours=policies.current().data_export_hours + 1)).timestamp()
    old = [path for path in path_of("").glob("*.zip") if path.stat().st_mtime < oldest]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def path_of(file: str) -> Path:
    """Where a copy's file is: in a folder that no web server serves."""
    return Path(settings.PRIVATE_ROOT) / "copies" / file


def _drop(rows: list[DataExport]) -> int:
    files = [row.file for row in rows if row.file]
    DataExport.objects.filter(pk__in=[row.pk for row in rows]).update(status=DataExport.Status.GONE, file="")
    transaction.on_commit(lambda: _unlink(files), robust=True)
    return len(rows)


def _unlink(files: Sequence[str]) -> None:
    for file in files:
        path_of(file).unlink(missing_ok=True)


def _members_of(member_id: int) -> list[int]:
    """The member, and the duplicates merged into it."""
    rows = Member.objects.filter(pk=member_id) | Member.objects.filter(merged_into_id=member_id)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _zip(member_ids: list[int]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in personal_parts():
            rows = [list(row) for row in part.rows(member_ids)]
            archive.writestr(f"{part.name}.csv", _csv(part, rows))
            archive.writestr(f"{part.name}.json", _json(part, rows))
    return file.getvalue()


def _csv(part: PersonalPart, rows: list[list[str | int | None]]) -> str:
    """Text that a spreadsheet opens with its Chinese intact and runs nothing of."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(part.columns)
    writer.writerows([["" if cell is None else harmless(cell) for cell in row] for row in rows])
    return "\ufeff" + out.getvalue()


def _json(part: PersonalPart, rows: list[list[str | int | None]]) -> str:
    named = [dict(zip(part.columns, row, strict=True)) for row in rows]
    return json.dumps({"title": part.title, "rows": named}, ensure_ascii=False, indent=1)
