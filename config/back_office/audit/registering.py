"""What the site adds to every admin that it registers: its log is also written into the list of deeds."""

from functools import cache
from typing import Any

from django.contrib.admin.models import ADDITION, CHANGE, DELETION
from django.core.exceptions import FieldDoesNotExist
from django.http import HttpRequest, HttpResponse
from import_export.admin import ExportMixin

from config.back_office.audit.deeds import book_of

_NO_FILTERS = {"p", "o", "e", "all"}


class _NotesDeeds:
    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        entry = super().log_addition(request, obj, message)  # type: ignore[misc]
        book_of(request).note_message(row=obj, flag=ADDITION, message=message)
        return entry

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        entry = super().log_change(request, obj, message)  # type: ignore[misc]
        book_of(request).note_message(row=obj, flag=CHANGE, message=message)
        return entry

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        entries = super().log_deletions(request, queryset)  # type: ignore[misc]
        for row in queryset:
            book_of(request).note_message(row=row, flag=DELETION, message=[])
        return entries


class _NotesExports(_NotesDeeds):
    def export_action(self: Any, request: HttpRequest) -> HttpResponse:
        response: HttpResponse = super().export_action(request)  # type: ignore[misc]
        if response.has_header("Content-Disposition"):
            chosen = "，".join(
                _in_words(self.model, name, str(value))
                for name, value in request.GET.items()
                if name not in _NO_FILTERS
            )
            text = f"导出{self.model._meta.verbose_name}列表（{f'筛选：{chosen}' if chosen else '全部'}）"
            book_of(request).note_export(model=self.model, text=text)
        return response


def _in_words(model: Any, name: str, value: str) -> str:
    """A filter as staff read it: 状态 已付款."""
    if name == "q":
        return f"搜索 {value}"
    try:
        field = model._meta.get_field(name.removesuffix("_from").removesuffix("_to").partition("__")[0])
    except FieldDoesNotExist:
        return f"{name} {value}"
    end = "从 " if name.endswith("_from") else "到 " if name.endswith("_to") else ""
    shown = dict(getattr(field, "flatchoices", ())).get(value, value)
    return f"{getattr(field, 'verbose_name', name)} {end}{shown}"


@cache
def noted(admin_class: type[Any]) -> type[Any]:
    """That admin, whose log and exports are also deeds."""
    mixin = _NotesExports if issubclass(admin_class, ExportMixin) else _NotesDeeds
    return type(admin_class.__name__, (mixin, admin_class), {"__module__": admin_class.__module__})
