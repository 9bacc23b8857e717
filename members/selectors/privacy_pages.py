"""Copies of a member's data and their wish to leave, for their own eyes."""

from dataclasses import dataclass
from datetime import datetime

from members.models import Closing, DataExport


@dataclass(frozen=True, kw_only=True)
class Copy:
    """One copy; it can be downloaded while it is ready."""

    id: int
    status: str
    status_name: str
    requested_at: datetime
    expires_at: datetime | None
    kilobytes: int


@dataclass(frozen=True, kw_only=True)
class OpenClosing:
    """A wish to leave that can still be taken back."""

    asked_at: datetime
    due_at: datetime
    waits_for: str


def copies_of(*, member_id: int, at: datetime, limit: int = 5) -> list[Copy]:
    """The member's latest copies; one whose time is over is gone though its file may still be there. One query."""
    rows = DataExport.objects.filter(member_id=member_id).order_by("-pk")[:limit]
    return [_copy(row, at) for row in rows]


def closing_of(*, member_id: int) -> OpenClosing | None:
    """The member's wish to leave, when there is one. One query."""
    row = Closing.objects.filter(member_id=member_id, taken_back_at=None, done_at=None).first()
    return None if row is None else OpenClosing(asked_at=row.asked_at, due_at=row.due_at, waits_for=row.waits_for)


def _copy(row: DataExport, at: datetime) -> Copy:
    is_over = row.status == DataExport.Status.READY and (row.expires_at is None or row.expires_at <= at)
    status = DataExport.Status.GONE if is_over else DataExport.Status(row.status)
    return Copy(
        id=row.pk,
        status=status.value,
        status_name=str(status.label),
        requested_at=row.requested_at,
        expires_at=None if is_over else row.expires_at,
        kilobytes=-(-row.size // 1024),
    )
