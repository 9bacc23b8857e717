"""Which column of finance's month an entry belongs to: exactly one, by its kind and whether it adds to what is owed."""

from collections.abc import Mapping
from enum import StrEnum


class Column(StrEnum):
    """财务月报的列. Each moves what is outstanding one way, but for merging, which moves it between accounts."""

    ISSUED = "issued"
    RESTORED = "restored"
    RAISED = "raised"
    SPENT = "spent"
    LAPSED = "lapsed"
    CLAWED_BACK = "clawed_back"
    REPAID = "repaid"
    LOWERED = "lowered"
    FORFEITED = "forfeited"
    MERGED = "merged"
    SHIFTED = "shifted"


# Kind -> its column. A kind that both gives and takes has a second column for the entries that don't give.
COLUMNS: Mapping[str, Column] = {
    "earn": Column.ISSUED,
    "restore": Column.RESTORED,
    "adjust": Column.RAISED,
    "spend": Column.SPENT,
    "capture": Column.SPENT,
    "expire": Column.LAPSED,
    "clawback": Column.CLAWED_BACK,
    "repay": Column.REPAID,
    "close": Column.FORFEITED,
    "merge_out": Column.MERGED,
    "merge_in": Column.MERGED,
    "hold": Column.SHIFTED,
    "release": Column.SHIFTED,
    "confirm": Column.SHIFTED,
}
_OF_WHAT_TAKES: Mapping[str, Column] = {"adjust": Column.LOWERED}


def column_of(*, kind: str, is_increase: bool) -> Column:
    """The column of an entry of that kind. Raises KeyError for a kind that nobody has given a column."""
    column = COLUMNS[kind]
    return column if is_increase else _OF_WHAT_TAKES.get(kind, column)


def kinds_of(column: Column) -> list[str]:
    """The kinds whose entries may stand in that column."""
    return sorted(kind for kind in COLUMNS if column in {COLUMNS[kind], _OF_WHAT_TAKES.get(kind)})


def is_split(kind: str) -> bool:
    """Whether entries of that kind stand in two columns, by their sign."""
    return kind in _OF_WHAT_TAKES
