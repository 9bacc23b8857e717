"""Opens a till's export: CSV in UTF-8, as it is or in gzip."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path

from mall.rules.history import online_retail
from mall.rules.history.rows import BadFile, History

LAYOUTS = {"online-retail": online_retail.read}
_GZIP = b"\x1f\x8b"


def read_history(*, path: Path, layout: str) -> History:
    """The file's history. Raises BadFile, with a sentence, for whatever can't be read as such a file."""
    try:
        with _text(path) as lines:
            return LAYOUTS[layout](lines)
    except FileNotFoundError as error:
        raise BadFile(f"找不到文件 {path}") from error
    except UnicodeDecodeError as error:
        raise BadFile("文件不是 UTF-8 编码，请另存为 UTF-8 的 CSV 后再导入") from error
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise BadFile("压缩文件已损坏或不完整") from error
    except OSError as error:
        raise BadFile(f"无法读取文件 {path}") from error


@contextmanager
def _text(path: Path) -> Iterator[TextIOWrapper]:
    with path.open("rb") as raw:
        is_gzip = raw.read(len(_GZIP)) == _GZIP
        raw.seek(0)
        if path.suffix == ".gz" and not is_gzip:
            raise BadFile("文件名以 .gz 结尾，内容却不是 gzip 格式")
        data = gzip.GzipFile(fileobj=raw) if is_gzip else raw
        with TextIOWrapper(data, encoding="utf-8-sig", newline="") as lines:
            yield lines
