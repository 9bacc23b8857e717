"""Opens a points file: an Excel workbook, or a CSV in UTF-8, UTF-16 or the GBK that Chinese Excel writes."""

import codecs
import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from io import TextIOWrapper
from itertools import islice
from pathlib import Path

from members.rules.points_rows import BadFile
from members.services.points_import.sheets import Row, Workbook

_BLOCK = 1 << 20
_ZIP, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, kw_only=True)
class PointsFile:
    """A file that was looked at as a whole: what it is, its hash, and about how many rows it has."""

    path: Path
    digest: str
    encoding: str | None
    row_count: int

    @contextmanager
    def rows(self) -> Iterator[Iterator[Row]]:
        """Line numbers and cells, one row after the other. Raises BadFile when one can't be read."""
        if self.encoding is None:
            with Workbook(self.path) as book:
                yield book.rows()
            return
        with TextIOWrapper(self.path.open("rb"), encoding=self.encoding, newline="") as text:
            yield _csv_rows(text)


def look_at(path: Path) -> PointsFile:
    """Read the file once: hash, encoding, number of rows. Raises BadFile."""
    try:
        with path.open("rb") as raw:
            start = raw.read(4)
        if start == _OLD_EXCEL:
            raise BadFile("这是旧版或加密的 Excel 文件，请另存为不加密的 xlsx 或 CSV 后再导入")
        digest, lines = _digest(path)
        if start == _ZIP:
            with Workbook(path) as book:
                return PointsFile(path=path, digest=digest, encoding=None, row_count=book.row_count())
        return PointsFile(path=path, digest=digest, encoding=_encoding(path, start), row_count=lines)
    except FileNotFoundError as error:
        raise BadFile(f"找不到文件 {path}") from error
    except OSError as error:
        raise BadFile(f"无法读取文件 {path}") from error


def _digest(path: Path) -> tuple[str, int]:
    found, lines = sha256(), 0
    with path.open("rb") as raw:
        for block in iter(lambda: raw.read(_BLOCK), b""):
            found.update(block)
            lines += block.count(b"\n")
    return found.hexdigest(), lines


def _encoding(path: Path, start: bytes) -> str:
    is_wide = start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if is_wide else ("utf-8-sig", "gb18030"):
        if _is_text(path, encoding):
            return encoding
    raise BadFile("无法识别文件编码，请另存为 xlsx 或 UTF-8 的 CSV 后再导入")


def _is_text(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as raw:
            blocks = iter(lambda: raw.read(_BLOCK), b"")
            has_no_nul = all("\0" not in decoder.decode(block) for block in blocks)
        decoder.decode(b"", final=has_no_nul)
    except UnicodeDecodeError:
        return False
    return has_no_nul


def _csv_rows(text: TextIOWrapper) -> Iterator[Row]:
    lines = iter(text)
    first = list(islice(lines, 1))
    delimiter = max(",\t;", key=lambda sign: first[0].count(sign)) if first else ","
    reader = csv.reader(_chained(first, lines), delimiter=delimiter)
    while True:
        line = reader.line_num + 1
        try:
            yield line, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise BadFile(f"第 {line} 行附近无法按 CSV 解析，请检查引号是否成对") from error


def _chained(first: list[str], lines: Iterator[str]) -> Iterator[str]:
    yield from first
    yield from lines
