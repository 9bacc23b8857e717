"""What staff change in the back office, row by row, with who and when; not what jobs, imports and members change.

A model takes part with `history = StaffHistory(...)`. The first change of a row also keeps how it was before, so that
every change can be read as "old → new". Passwords and sealed personal data are left out by the models that have them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from typing import Any

from django.db.models import Model, signals
from django.utils import timezone
from simple_history.models import HistoricalRecords

_at_work: ContextVar[Any] = ContextVar("staff_at_work", default=None)


@contextmanager
def staff_at_work(user: Any) -> Iterator[None]:
    """Whatever is saved inside is this person's doing."""
    token = _at_work.set(user)
    try:
        yield
    finally:
        _at_work.reset(token)


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

    def post_delete(self, instance: Any, using: Any = None, **kwargs: Any) -> None:
        if _at_work.get() is not None:
            super().post_delete(instance, using=using, **kwargs)

    def m2m_changed(self, instance: Any, action: str, attr: str, pk_set: Any, reverse: bool, **kwargs: Any) -> None:
        """Only changes made from the side of the model that keeps the history."""
        if _at_work.get() is None or reverse:
            return
        if action.startswith("pre_"):
            self._keep_what_was(instance)
        super().m2m_changed(instance, action, attr, pk_set, reverse, **kwargs)

    def get_history_user(self, instance: Any) -> Any:
        return _at_work.get()

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
