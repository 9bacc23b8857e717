"""Lists as spreadsheets: one button, one CSV that Excel opens with its Chinese intact."""

from typing import Any

from django.http import HttpRequest
from import_export.admin import ExportMixin
from import_export.formats.base_formats import CSV

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def _harmless(cell: Any) -> Any:
    """The cell, with a quote before what a spreadsheet would run as a formula; numbers stay numbers."""
    text = str(cell)
    if not text.startswith(_FORMULA) or text.lstrip("+-").replace(".", "", 1).isdigit():
        return cell
    return f"'{text}"


class ExcelCSV(CSV):
    """CSV with a byte order mark, without which Excel takes UTF-8 for another encoding, and without formulas."""

    def export_data(self, dataset: Any, **options: Any) -> str:
        for _ in range(len(dataset)):
            dataset.append([_harmless(cell) for cell in dataset.lpop()])
        return "\ufeff" + str(super().export_data(dataset, **options))


class SpreadsheetExport(ExportMixin):
    """The export button of a list, for whoever may view the list: what the filters leave, as a file."""

    formats = [ExcelCSV]
    skip_export_form = True

    def has_export_permission(self, request: HttpRequest) -> bool:
        return bool(self.has_view_permission(request))
