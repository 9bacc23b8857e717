"""Cursors of endless lists: where the next page starts, as short opaque text."""

from config.core.errors import InvalidInput


def write_cursor(position: int, pk: int) -> str:
    """The place after that row."""
    return f"{position}.{pk}"


def read_cursor(text: str) -> tuple[int, int] | None:
    """The row that `write_cursor` named, None for the beginning. Raises InvalidInput for anything else."""
    if not text:
        return None
    position, _, pk = text.partition(".")
    if not (_is_number(position) and _is_number(pk)):
        raise InvalidInput(cursor="翻页位置无效，请刷新后重试")
    return int(position), int(pk)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18
