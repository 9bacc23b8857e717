"""What staff change in the back office, row by row, with who and when; not what jobs, imports and members change.

A model takes part with `history = StaffHistory(...)`. The first change of a row also keeps how it was before, so that
every change can be read as "old → new". Passwords and sealed personal data are left out by the models that have them.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Field, Model, signals
from django.utils import timezone
from simple_history.models import HistoricalRecords

from config.core.crypto import EncryptedTextField


@dataclass(frozen=True, kw_only=True)
class RowChange:
    """What became of a row: "+" added, "~" changed, "-" deleted; `details` are (field, before, after) in words."""

    kind: str
    row: Model
    details: tuple[tuple[str, str, str], ...] = ()


Note = Callable[[RowChange], None]

_at_work: ContextVar[Any] = ContextVar("staff_at_work", default=None)
_note: ContextVar[Note | None] = ContextVar("staff_note", default=None)


@contextmanager
def staff_at_work(user: Any, *, note: Note | None = None) -> Iterator[None]:
    """Whatever is saved inside is this person's doing; `note` is told of each change as it is made."""
    token, note_token = _at_work.set(user), _note.set(note)
    try:
        yield
    finally:
        _at_work.reset(token)
        _note.reset(note_token)


class StaffHistory(HistoricalRecords):
    """django-simple-history, for changes of staff alone."""

    def finalize(self, sender: Any, **kwargs: Any) -> None:
        super().finalize(sender, **kwargs)
        if sender is self.cls:
            signals.pre_save.connect(self.pre_save, sender=sender, weak=False)

    def pre_save(self, instance: Model, **kwargs: Any) -> None:
        """Note how the row is now, when staff are about to change it."""
        if _at_work.get() is not None and instance.pk:
            instance._row_before = type(instance)._base_manager.filter(pk=instance.pk).first()  # type: ignore[attr-defined]

    def post_save(self, instance: Any, created: bool, using: Any = None, **kwargs: Any) -> None:
        if _at_work.get() is None:
            return
        before = instance.__dict__.pop("_row_before", None)
        if before is not None:
            if self._tracked(before) == self._tracked(instance):
                return
            self._keep_what_was(before)
        super().post_save(instance, created, using=using, **kwargs)
        _tell("+" if created else "~", instance, () if before is None else self._details(before, instance))

    def post_delete(self, instance: Any, using: Any = None, **kwargs: Any) -> None:
        if _at_work.get() is not None:
            super().post_delete(instance, using=using, **kwargs)
            _tell("-", instance)

    def m2m_changed(self, instance: Any, action: str, attr: str, pk_set: Any, reverse: bool, **kwargs: Any) -> None:
        """Only changes made from the side of the model that keeps the history."""
        if _at_work.get() is None or reverse:
            return
        if action.startswith("pre_"):
            self._keep_what_was(instance)
        super().m2m_changed(instance, action, attr, pk_set, reverse, **kwargs)
        if action.startswith("post_"):
            _tell("~", instance, _m2m_details(instance, attr, action, pk_set))

    def get_history_user(self, instance: Any) -> Any:
        return _at_work.get()

    def _details(self, before: Any, after: Any) -> tuple[tuple[str, str, str], ...]:
        return tuple(
            (str(field.verbose_name), in_words(field, before), in_words(field, after))
            for field in self.fields_included(after)
            if getattr(before, field.attname) != getattr(after, field.attname)
        )

    def _tracked(self, instance: Any) -> list[Any]:
        return [getattr(instance, field.attname) for field in self.fields_included(instance)]

    def _keep_what_was(self, before: Any) -> None:
        """The first record of a row that is older than its history; nobody's doing."""
        manager = getattr(type(before), self.manager_name)
        if manager.filter(**{before._meta.pk.attname: before.pk}).exists():
            return
        before._history_date = timezone.now() - timedelta(microseconds=1)
        with staff_at_work(None):
            self.create_historical_record(before, "~")
        del before._history_date


def in_words(field: "Field[Any, Any]", row: Any) -> str:
    """The value of a field as staff read it; nothing of what is sealed."""
    if isinstance(field, EncryptedTextField):
        return "（不显示）"
    value = getattr(row, field.name) if field.is_relation else getattr(row, field.attname)
    if isinstance(value, bool):
        return "是" if value else "否"
    if value in (None, "", [], {}):
        return "（空）"
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return str(dict(field.flatchoices or ()).get(value, value))


def _m2m_details(instance: Any, attr: str, action: str, pk_set: Any) -> tuple[tuple[str, str, str], ...]:
    field = instance._meta.get_field(attr)
    names = "、".join(str(one) for one in field.related_model._default_manager.filter(pk__in=pk_set or ()))
    title = str(field.verbose_name)
    if action == "post_add":
        return ((title, "", f"加上 {names}"),)
    return ((title, f"去掉 {names}" if names else "全部去掉", ""),)


def _tell(kind: str, row: Model, details: tuple[tuple[str, str, str], ...] = ()) -> None:
    note = _note.get()
    if note is not None:
        note(RowChange(kind=kind, row=row, details=details))
