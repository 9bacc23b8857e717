"""Lists as spreadsheets: one button, one CSV that Excel opens with its Chinese intact."""

import unicodedata
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import label_for_field, lookup_field
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.html import strip_tags
from import_export.admin import ExportMixin
from import_export.formats.base_formats import CSV
from import_export.resources import Resource
from tablib import Dataset

MOST_ROWS = 50_000

_FORMULA = frozenset("=+-@")
_CONTROL = frozenset("\t\r\n\v\f\0")
_BLANK = " \t\r\n\v\f\0\xa0\u3000\u200b\ufeff"


def harmless(cell: Any) -> Any:
    """The cell, with a quote before what a spreadsheet would run as a formula, in half or full width (＝), also behind
    blanks and control characters; numbers stay numbers."""
    text = str(cell)
    starts = unicodedata.normalize("NFKC", text.strip(_BLANK)[:1])
    if (text[:1] not in _CONTROL and starts not in _FORMULA) or _is_number(text):
        return cell
    return f"'{text}"


def _is_number(text: str) -> bool:
    return text.isascii() and text.lstrip("+-").replace(".", "", 1).isdigit()


class ExcelCSV(CSV):
    """CSV with a byte order mark, without which Excel takes UTF-8 for another encoding, and without formulas."""

    def export_data(self, dataset: Any, **options: Any) -> str:
        for _ in range(len(dataset)):
            dataset.append([harmless(cell) for cell in dataset.lpop()])
        return "\ufeff" + str(super().export_data(dataset, **options))


class ShownColumns(Resource):
    """The columns of the list as it shows them, for lists without a resource of their own."""

    def __init__(self, *, model_admin: Any) -> None:
        super().__init__()
        self.model_admin = model_admin

    def export(self, queryset: Any = None, **options: Any) -> Dataset:
        names = [name for name in self.model_admin.list_display if name != "action_checkbox"]
        model, model_admin = self.model_admin.model, self.model_admin
        headers = [str(label_for_field(name, model, model_admin)) for name in names]
        rows = [[_cell(*lookup_field(name, row, model_admin)) for name in names] for row in queryset]
        return Dataset(*rows, headers=headers)


def _cell(field: Any, shown_by: Any, value: Any) -> Any:
    """A value of a list as text: choices in words, no markup, the parts of a composed cell in one line."""
    if isinstance(value, list):  # title, line below it, and what stands in for a picture
        return " ".join(str(part) for part in value[:2] if part)
    if isinstance(value, tuple):  # look, text
        value = value[1]
    if field is not None and getattr(field, "flatchoices", None):
        value = dict(field.flatchoices).get(value, value)
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    return "" if value is None else strip_tags(str(value))


class SpreadsheetExport(ExportMixin):
    """The export button of a list, for whoever may view the list: what the filters leave, as a file."""

    formats = [ExcelCSV]
    skip_export_form = True
    resource_classes = [ShownColumns]

    def get_export_resource_kwargs(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        options: dict[str, Any] = super().get_export_resource_kwargs(request, **kwargs)
        return {"model_admin": self} if self.resource_classes == [ShownColumns] else options

    def export_action(self, request: HttpRequest) -> HttpResponse:
        """The file; a list too long for one is to be filtered first."""
        if self.has_export_permission(request) and self.get_export_queryset(request)[MOST_ROWS:].exists():
            self.message_user(request, f"超过 {MOST_ROWS:,} 行，请先用筛选缩小范围再导出", messages.WARNING)
            return redirect(request.get_full_path().replace("/export/", "/", 1))
        return super().export_action(request)

    def has_export_permission(self, request: HttpRequest) -> bool:
        return bool(self.has_view_permission(request))
