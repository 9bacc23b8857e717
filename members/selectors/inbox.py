"""A member's inbox."""

from dataclasses import dataclass
from datetime import datetime

from config.core.errors import NotFound
from members.models import Message

_COLUMNS = ("id", "title", "body", "link", "sent_at", "read_at", "template__icon", "template__purpose")
MOST_COUNTED = 100


@dataclass(frozen=True, kw_only=True)
class InboxRow:
    """One message as its member reads it."""

    id: int
    title: str
    body: str
    link: str
    icon: str
    purpose: str
    sent_at: datetime
    is_unread: bool


@dataclass(frozen=True, kw_only=True)
class InboxPage:
    """Messages, newest first; `next_before` asks for the page after, None: there is none."""

    rows: tuple[InboxRow, ...]
    next_before: int | None


def inbox(*, member_id: int, before: int | None = None, limit: int = 20) -> InboxPage:
    """One page of the inbox. One query."""
    found = Message.objects.filter(member=member_id)
    if before is not None:
        found = found.filter(pk__lt=before)
    rows = tuple(_row(*one) for one in found.order_by("-pk").values_list(*_COLUMNS)[: limit + 1])
    return InboxPage(rows=rows[:limit], next_before=rows[limit - 1].id if len(rows) > limit else None)


def message(*, member_id: int, message_id: int) -> InboxRow:
    """One message. One query. Raises NotFound, also for another member's."""
    found = Message.objects.filter(member=member_id, pk=message_id).values_list(*_COLUMNS).first()
    if found is None:
        raise NotFound()
    return _row(*found)


def unread_count(*, member_id: int) -> int:
    """How many messages are unread; 100 for any number beyond. One query."""
    return Message.objects.filter(member=member_id, read_at=None)[:MOST_COUNTED].count()


def _row(
    id: int, title: str, body: str, link: str, sent_at: datetime, read_at: datetime | None, icon: str, purpose: str
) -> InboxRow:
    return InboxRow(
        id=id, title=title, body=body, link=link, icon=icon, purpose=purpose, sent_at=sent_at, is_unread=read_at is None
    )
