"""Writes down what staff do, in the transaction in which they do it."""

import json
from typing import Any

from django.contrib.admin.models import ADDITION, DELETION, LogEntry
from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone

from config.back_office.audit.masking import masked
from config.back_office.models import StaffDeed
from config.core.staff_history import RowChange

_KINDS = {"+": StaffDeed.Kind.ADD, "~": StaffDeed.Kind.CHANGE, "-": StaffDeed.Kind.DELETE}
_FLAGS = {ADDITION: StaffDeed.Kind.ADD, DELETION: StaffDeed.Kind.DELETE}
_LONGEST = 500  # of one value: a description or the config of a page block may be pages long


class Book:
    """The deeds of one request. What the rows' histories tell is not told again by Django's note of the same save."""

    def __init__(self, user: Any) -> None:
        self.user = user
        self.rows_told = 0

    def note_row(self, change: RowChange) -> None:
        """A row that keeps a history was added, changed or deleted."""
        self.rows_told += 1
        details = [[title, _short(old), _short(new)] for title, old, new in change.details]
        self._write(kind=_KINDS[change.kind], row=change.row, changes=details)

    def note_message(self, *, row: Model, flag: int, message: Any) -> None:
        """What an admin page logs: a sentence about a button, or Django's own list of changed fields."""
        if isinstance(message, str) and not message.startswith("["):
            self._write(kind=StaffDeed.Kind.ACT, row=row, text=message)
            return
        is_told = self.rows_told > 0 or (hasattr(row._meta, "simple_history_manager_attribute") and flag in _FLAGS)
        self.rows_told = 0
        if is_told or (not message and flag not in _FLAGS):
            return
        written = message if isinstance(message, str) else json.dumps(message)
        text = LogEntry(action_flag=flag, change_message=written).get_change_message() if message else ""
        self._write(kind=_FLAGS.get(flag, StaffDeed.Kind.CHANGE), row=row, text=text)

    def note_export(self, *, model: type[Model], text: str) -> None:
        """A list was taken away as a file."""
        self._create(StaffDeed(kind=StaffDeed.Kind.EXPORT, model=model._meta.label_lower, text=masked(text)))

    def note_settings(self, *, title: str, old: str, new: str) -> None:
        """A setting of the shop was changed."""
        deed = StaffDeed(kind=StaffDeed.Kind.CHANGE, model="constance.constance", label="店铺设置")
        deed.changes = [[title, _short(old), _short(new)]]
        self._create(deed)

    def _write(self, *, kind: str, row: Model, text: str = "", changes: list[list[str]] | None = None) -> None:
        deed = StaffDeed(kind=kind, model=row._meta.label_lower, object_id=str(row.pk or ""), text=masked(text))
        deed.label = masked(str(row))[:200]
        deed.changes = changes or []
        self._create(deed)

    def _create(self, deed: StaffDeed) -> None:
        deed.user, deed.at = self.user, timezone.now()
        deed.save(force_insert=True)


def book_of(request: Any) -> Book:
    """The book of this request."""
    book: Book | None = getattr(request, "deeds", None)
    if book is None or book.user.pk != request.user.pk:
        book = request.deeds = Book(_real(request))
    return book


def _real(request: HttpRequest) -> Any:
    """The user himself, not the lazy stand-in."""
    user: Any = request.user
    return user._wrapped if hasattr(user, "_wrapped") and user.pk else user


def _short(text: str) -> str:
    shown = masked(text)
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}…（共 {len(shown)} 字）"
