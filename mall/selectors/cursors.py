"""Cursors of endless lists: where the next page starts, as short text."""

import re

from config.core.errors import InvalidInput

_CURSOR = re.compile(r"(-?[0-9]{1,18})\.([0-9]{1,18})")


def write_cursor(rank: int, pk: int) -> str:
    """The place after that row."""
    return f"{rank}.{pk}"


def read_cursor(text: str) -> tuple[int, int] | None:
    """The row that `write_cursor` named, None for the beginning. Raises InvalidInput for anything else."""
    if not text:
        return None
    found = _CURSOR.fullmatch(text)
    if found is None:
        raise InvalidInput(cursor="翻页位置无效，请刷新后重试")
    return int(found[1]), int(found[2])
