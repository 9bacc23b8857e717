"""The first sheet of an Excel workbook, row by row: memory does not grow with the file.

Cells come as text: whole numbers without exponent or fraction, dates as 2027-06-30.
"""

import re
import zlib
from array import array
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO
from xml.etree import ElementTree
from zipfile import BadZipFile, ZipFile

from members.rules.points_rows import BadFile

_LARGEST = 1 << 30  # bytes of one part, unpacked
_WIDEST = 50
_LONGEST = 2000
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_BUILT_IN_DATES = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_QUOTED = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')
_COLUMN = re.compile(r"([A-Z]{1,3})\d+")
_BROKEN = (ElementTree.ParseError, BadZipFile, zlib.error, EOFError, KeyError, OSError, RuntimeError, ValueError)
_BAD = "Excel 文件已损坏，请用 Excel 打开后另存一份再导入"

Row = tuple[int, list[str]]


class _Strings:
    """The workbook's shared strings, kept in a temporary file."""

    def __init__(self) -> None:
        self.file = TemporaryFile()  # noqa: SIM115 (closed with the workbook)
        self.ends = array("Q", [0])

    def add(self, text: str) -> None:
        self.file.write(text[:_LONGEST].encode())
        self.ends.append(self.file.tell())

    def __getitem__(self, number: int) -> str:
        if not 0 <= number < len(self.ends) - 1:
            raise BadFile(_BAD)
        self.file.seek(self.ends[number])
        return self.file.read(self.ends[number + 1] - self.ends[number]).decode()


class Workbook:
    """An open workbook; close it, or use it in a `with`. Raises BadFile for whatever is none."""

    def __init__(self, path: Path) -> None:
        try:
            self.zip = ZipFile(path)
            self.sheet, self.epoch = self._first_sheet()
            self.is_date = self._date_styles()
        except (*_BROKEN, StopIteration) as error:
            raise _as_bad(error) from error
        self.strings = _Strings()

    def __enter__(self) -> "Workbook":
        return self

    def __exit__(self, *_: object) -> None:
        self.strings.file.close()
        self.zip.close()

    def row_count(self) -> int:
        """About how many rows there are, for a progress bar. Raises BadFile."""
        try:
            with self._part(self.sheet) as part:
                return sum(block.count(b"<row") for block in iter(lambda: part.read(1 << 20), b""))
        except _BROKEN as error:
            raise _as_bad(error) from error

    def rows(self) -> Iterator[Row]:
        """Number (as Excel shows it) and cells of every row that has some. Raises BadFile."""
        try:
            self._read_strings()
            yield from self._rows()
        except _BROKEN as error:
            raise _as_bad(error) from error

    def _rows(self) -> Iterator[Row]:
        number = 0
        with self._part(self.sheet) as part:
            holder: ElementTree.Element | None = None
            for event, element in ElementTree.iterparse(part, events=("start", "end")):  # noqa: S314 (see _part)
                if event == "start":
                    holder = element if element.tag == f"{_MAIN}sheetData" else holder
                elif element.tag == f"{_MAIN}row" and holder is not None:
                    number = int(element.get("r", number + 1))
                    if cells := self._cells(element):
                        yield number, cells
                    holder.clear()

    def _cells(self, row: ElementTree.Element) -> list[str]:
        cells: list[str] = []
        for cell in row.iter(f"{_MAIN}c"):
            place = _column(cell.get("r", ""), len(cells))
            if place >= _WIDEST:
                break
            cells += [""] * (place + 1 - len(cells))
            cells[place] = self._text(cell)
        return cells

    def _text(self, cell: ElementTree.Element) -> str:
        kind, value = cell.get("t", "n"), cell.findtext(f"{_MAIN}v", "")
        if kind == "inlineStr":
            return "".join(text.text or "" for text in cell.iter(f"{_MAIN}t"))[:_LONGEST]
        if kind == "s":
            return self.strings[int(value)] if value else ""
        if kind != "n" or not value:
            return value[:_LONGEST]
        style = int(cell.get("s", 0))
        return self._number(value, is_date=style < len(self.is_date) and self.is_date[style])

    def _number(self, value: str, *, is_date: bool) -> str:
        try:
            number = Decimal(value[:40])
            if not is_date:
                whole = number.to_integral_value() if abs(number) < 10**30 else number
                return f"{whole:f}" if number == whole else f"{number:f}"
            return str(self.epoch + timedelta(days=int(number)))
        except (InvalidOperation, OverflowError):
            return value[:_LONGEST]

    def _read_strings(self) -> None:
        if "xl/sharedStrings.xml" not in self.zip.namelist():
            return
        with self._part("xl/sharedStrings.xml") as part:
            root: ElementTree.Element | None = None
            for event, element in ElementTree.iterparse(part, events=("start", "end")):  # noqa: S314 (see _part)
                root = element if root is None else root
                if event == "end" and element.tag == f"{_MAIN}si":
                    self.strings.add("".join(text.text or "" for text in _spoken(element)))
                    root.clear()

    def _first_sheet(self) -> tuple[str, date]:
        book = ElementTree.parse(self._part("xl/workbook.xml"))  # noqa: S314
        sheet = book.find(f"{_MAIN}sheets/{_MAIN}sheet")
        if sheet is None:
            raise BadFile(_BAD)
        relations = ElementTree.parse(self._part("xl/_rels/workbook.xml.rels")).getroot()  # noqa: S314
        target = next(one.get("Target", "") for one in relations if one.get("Id") == sheet.get(_RELATION))
        settings = book.find(f"{_MAIN}workbookPr")
        is_1904 = settings is not None and settings.get("date1904") in ("1", "true")
        path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        return path, date(1904, 1, 1) if is_1904 else date(1899, 12, 30)

    def _date_styles(self) -> list[bool]:
        if "xl/styles.xml" not in self.zip.namelist():
            return []
        styles = ElementTree.parse(self._part("xl/styles.xml"))  # noqa: S314
        own = {
            int(one.get("numFmtId", 0)): bool(
                re.search("[ymd年月日]", _QUOTED.sub("", one.get("formatCode", "").lower()))
            )
            for one in styles.iterfind(f"{_MAIN}numFmts/{_MAIN}numFmt")
        }
        formats = [int(one.get("numFmtId", 0)) for one in styles.iterfind(f"{_MAIN}cellXfs/{_MAIN}xf")]
        return [own.get(number, number in _BUILT_IN_DATES) for number in formats]

    def _part(self, name: str) -> IO[bytes]:
        """One part, unpacked as it is read. No document type: entities are what XML bombs are made of."""
        if name not in self.zip.namelist():
            raise BadFile(_BAD)
        if self.zip.getinfo(name).file_size > _LARGEST:
            raise BadFile("Excel 文件解压后超过 1 GB，请拆成几个文件导入")
        with self.zip.open(name) as part:
            if b"<!DOCTYPE" in part.read(1000):
                raise BadFile(_BAD)
        return self.zip.open(name)


def _as_bad(error: Exception) -> BadFile:
    return error if isinstance(error, BadFile) else BadFile(_BAD)


def _spoken(item: ElementTree.Element) -> Iterator[ElementTree.Element]:
    """The text of a shared string without the pronunciation that may stand beside it."""
    for part in item:
        if part.tag == f"{_MAIN}t":
            yield part
        elif part.tag == f"{_MAIN}r":
            yield from part.iter(f"{_MAIN}t")


def _column(reference: str, following: int) -> int:
    match = _COLUMN.fullmatch(reference)
    if match is None:
        return following
    place = 0
    for letter in match[1]:
        place = place * 26 + ord(letter) - 64
    return place - 1
