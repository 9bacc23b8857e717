"""Workbooks as Excel writes them, put together from their parts."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

_NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STYLES = (
    f"<styleSheet {_NS}><numFmts count='2'><numFmt numFmtId='164' formatCode='yyyy\"年\"m\"月\"d\"日\"'/>"
    "<numFmt numFmtId='165' formatCode='0&quot;day&quot;'/></numFmts><cellXfs count='4'><xf numFmtId='0'/>"
    "<xf numFmtId='14'/><xf numFmtId='164'/><xf numFmtId='165'/></cellXfs></styleSheet>"
)
PLAIN, BUILT_IN_DATE, OWN_DATE, OWN_NUMBER = range(4)


def number(value: str, style: int = PLAIN) -> str:
    """A cell with a number, as its XML without the reference."""
    return f"<c s='{style}'><v>{value}</v></c>"


def day(value: date, style: int = BUILT_IN_DATE, *, epoch: date = date(1899, 12, 30)) -> str:
    """A cell with a date."""
    return number(str((value - epoch).days), style)


def text(value: str) -> str:
    """A cell with its text inside it."""
    return f"<c t='inlineStr'><is><t>{value}</t></is></c>"


def shared(place: int) -> str:
    """A cell that names a shared string."""
    return f"<c t='s'><v>{place}</v></c>"


def workbook(
    path: Path,
    rows: Sequence[Sequence[str]],
    *,
    strings: Sequence[str] = (),
    is_1904: bool = False,
    prolog: str = "",
    first_row: int = 1,
) -> Path:
    """A workbook of one sheet; `strings` are the insides of its shared strings."""
    lines = "".join(
        f"<row r='{place}'>{''.join(cells)}</row>" for place, cells in enumerate(rows, start=first_row) if cells
    )
    with ZipFile(path, "w", ZIP_DEFLATED) as out:
        out.writestr(
            "xl/workbook.xml",
            f"<workbook {_NS} xmlns:r='{_R}'><workbookPr date1904='{int(is_1904)}'/>"
            "<sheets><sheet name='积分' sheetId='1' r:id='rId1'/></sheets></workbook>",
        )
        out.writestr(
            "xl/_rels/workbook.xml.rels",
            "<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'>"
            "<Relationship Id='rId1' Target='worksheets/sheet1.xml'/></Relationships>",
        )
        out.writestr("xl/styles.xml", _STYLES)
        if strings:
            inside = "".join(f"<si>{one}</si>" for one in strings)
            out.writestr("xl/sharedStrings.xml", f"<sst {_NS}>{inside}</sst>")
        out.writestr("xl/worksheets/sheet1.xml", f"{prolog}<worksheet {_NS}><sheetData>{lines}</sheetData></worksheet>")
    return path
