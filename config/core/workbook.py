"""Workbooks that Excel, WPS and LibreOffice open: sheets of text and numbers, nothing that could run.

Text is written as text (an inline string), never as a formula, whatever it begins with.
"""

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from xml.sax.saxutils import escape

Cell = str | int | Decimal | None

_TYPE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TEXT, _HEAD, _WHOLE, _MONEY = 0, 1, 2, 3  # indices into cellXfs below
_STYLES = f"""{_XML}<styleSheet xmlns="{_MAIN}">
<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>
<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>
<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>
<borders count="1"><border/></borders>
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>
<cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>
<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>
<xf numFmtId="3" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>
<xf numFmtId="4" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>
</styleSheet>"""
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """A sheet: its first row is the head, which stays in sight; columns are as wide as `width` characters."""

    title: str
    rows: Sequence[Sequence[Cell]]
    width: int = 14


def workbook(sheets: Sequence[Sheet]) -> bytes:
    """The file (.xlsx) of those sheets. Whole numbers are shown with thousands, decimals with two places."""
    numbers = range(1, len(sheets) + 1)
    parts = {
        "[Content_Types].xml": _content_types(numbers),
        "_rels/.rels": _relations([("rId1", "officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": _contents(sheets),
        "xl/_rels/workbook.xml.rels": _relations(
            [("rId0", "styles", "styles.xml"), *((f"rId{n}", "worksheet", f"worksheets/sheet{n}.xml") for n in numbers)]
        ),
        "xl/styles.xml": _STYLES,
        **{f"xl/worksheets/sheet{n}.xml": _sheet(sheet) for n, sheet in zip(numbers, sheets, strict=True)},
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return file.getvalue()


def _content_types(numbers: Sequence[int]) -> str:
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    sheets = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{kind}.worksheet+xml"/>' for n in numbers
    )
    return (
        f'{_XML}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{kind}.styles+xml"/>{sheets}</Types>'
    )


def _relations(targets: Sequence[tuple[str, str, str]]) -> str:
    lines = "".join(f'<Relationship Id="{key}" Type="{_TYPE}/{kind}" Target="{name}"/>' for key, kind, name in targets)
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{lines}</Relationships>'


def _contents(sheets: Sequence[Sheet]) -> str:
    names = "".join(
        f'<sheet name="{_text(sheet.title)[:31]}" sheetId="{n}" r:id="rId{n}"/>' for n, sheet in enumerate(sheets, 1)
    )
    return f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_TYPE}"><sheets>{names}</sheets></workbook>'


def _sheet(sheet: Sheet) -> str:
    rows = "".join(
        f'<row r="{number}">{"".join(_cell(cell, is_head=number == 1) for cell in row)}</row>'
        for number, row in enumerate(sheet.rows, 1)
    )
    columns = max((len(row) for row in sheet.rows), default=1)
    return (
        f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane xSplit="1" ySplit="1" topLeftCell="B2" activePane="bottomRight" state="frozen"/>'
        "</sheetView></sheetViews>"
        f'<cols><col min="1" max="{columns}" width="{sheet.width}" customWidth="1"/></cols>'
        f"<sheetData>{rows}</sheetData></worksheet>"
    )


def _cell(cell: Cell, *, is_head: bool) -> str:
    if cell is None:
        return "<c/>"
    if isinstance(cell, str):
        style = _HEAD if is_head else _TEXT
        return f'<c t="inlineStr" s="{style}"><is><t xml:space="preserve">{_text(cell)}</t></is></c>'
    return f'<c s="{_MONEY if isinstance(cell, Decimal) else _WHOLE}"><v>{cell}</v></c>'


def _text(text: str) -> str:
    """Text as XML can hold it."""
    return escape(_NOT_IN_XML.sub("", text), {'"': "&quot;"})
