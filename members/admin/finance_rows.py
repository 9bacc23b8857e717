"""Finance's months as rows of plain figures: points, what they are worth, and where the entries behind them are."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse

from config.core.money import yuan
from config.core.time import add_months, day_start
from members.rules.points_worth import cents_of
from points.rules.movements import Column, is_split, kinds_of
from points.selectors.months import Amounts, Month, Movement, total

# The movements in the order of the table, and whether the column stands there when nothing moved.
MOVEMENTS: list[tuple[Column, str, bool]] = [
    (Column.ISSUED, "发放", True),
    (Column.RESTORED, "退还", True),
    (Column.RAISED, "调增", False),
    (Column.SPENT, "消耗", True),
    (Column.LAPSED, "过期", True),
    (Column.CLAWED_BACK, "扣回", True),
    (Column.REPAID, "抵欠", False),
    (Column.LOWERED, "调减", False),
    (Column.FORFEITED, "销户作废", False),
    (Column.MERGED, "合并", False),
]
# What is outstanding at the end by bucket, and what members owe beside it.
PARTS: list[tuple[str, Callable[[Amounts], int]]] = [
    ("可用", lambda amounts: amounts.spendable),
    ("待生效", lambda amounts: amounts.pending),
    ("冻结", lambda amounts: amounts.held),
]
OWED = "欠分"


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """A number of the report: points, their worth, and the list of entries that add up to it (empty: none)."""

    title: str
    points: int
    cents: int
    url: str = ""

    @property
    def points_text(self) -> str:
        return f"{self.points:,}".replace("-", "\N{MINUS SIGN}") if self.points else "0"

    @property
    def yuan_text(self) -> str:
        return yuan(self.cents).replace("-", "\N{MINUS SIGN}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A month, or several months together."""

    name: str
    is_closed: bool
    opening: Figure
    movements: list[Figure]
    closing: Figure
    parts: list[Figure]
    owed: Figure

    @property
    def figures(self) -> list[Figure]:
        """All figures in the order of the table."""
        return [self.opening, *self.movements, self.closing, *self.parts, self.owed]

    def moved(self, column: Column) -> Figure:
        """The figure of one movement."""
        return self.movements[[one for one, _, _ in MOVEMENTS].index(column)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Rates:
    """How figures are made: points per yuan, and whether they lead to the entries."""

    per_yuan: int
    asset: str = "points"
    has_links: bool = False

    def figure(self, title: str, points: int, url: str = "") -> Figure:
        return Figure(title=title, points=points, cents=cents_of(points=points, per_yuan=self.per_yuan), url=url)


def month_row(month: Month, *, rates: Rates) -> Row:
    """One month."""
    return _row(f"{month.first:%Y-%m}", [month], month.movements, rates)


def together(months: Sequence[Month], *, name: str, rates: Rates) -> Row:
    """Several months without gaps as one: opening of the first, closing of the last."""
    return _row(name, months, total(months), rates)


def shown_columns(rows: Sequence[Row]) -> set[str]:
    """Titles of the columns that the page shows: those that always stand there, and those in which something stands."""
    always = {title for _, title, always in MOVEMENTS if always}
    moved = {figure.title for row in rows for figure in row.figures if figure.points}
    return always | moved | {"期初未兑付", "期末未兑付", "可用"}


def _row(name: str, months: Sequence[Month], movements: dict[Column, Movement], rates: Rates) -> Row:
    first, last = months[0], months[-1]
    closing = last.closing
    return Row(
        name=name,
        is_closed=all(month.is_closed for month in months),
        opening=rates.figure("期初未兑付", first.opening.outstanding),
        movements=[
            rates.figure(title, movements[column].amounts.outstanding, _entries(column, first.first, last.first, rates))
            for column, title, _ in MOVEMENTS
        ],
        closing=rates.figure("期末未兑付", closing.outstanding),
        parts=[rates.figure(title, part(closing)) for title, part in PARTS],
        owed=rates.figure(OWED, closing.arrears),
    )


def _entries(column: Column, first: date, last: date, rates: Rates) -> str:
    """The list of the entries of that column, recorded from the month `first` to the month `last`."""
    if not rates.has_links:
        return ""
    kinds = kinds_of(column)
    query = {
        "account__asset__exact": rates.asset,
        "kind__in": ",".join(kinds),
        "recorded_at__gte": day_start(first).isoformat(),
        "recorded_at__lt": day_start(add_months(last, 1)).isoformat(),
    }
    if all(is_split(kind) for kind in kinds):
        query |= {"spendable__gt": "0"} if column is Column.RAISED else {"spendable__lt": "0"}
    return f"{reverse('admin:points_entry_changelist')}?{urlencode(query)}"
