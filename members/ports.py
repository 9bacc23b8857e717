"""Sockets that rooms above fill in their `AppConfig.ready()`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from config.core.time import local_date
from members.rules.segments import Condition, Shape


class MergePart(NamedTuple):
    """What a room above keeps of a member and re-points when members are merged: `count(member_id)` of it."""

    title: str
    count: Callable[[int], int]


_merge_parts: dict[str, MergePart] = {}


def register_merge_part(part: MergePart) -> None:
    """Have the merge's preview count that part; called once per title."""
    if _merge_parts.setdefault(part.title, part) is not part:
        raise ValueError(f"merge part {part.title!r} is registered twice")


def merge_parts() -> list[MergePart]:
    """What moves along in a merge, in the order of registration: lower rooms first."""
    return list(_merge_parts.values())


_NOTHING_SOLD: Final = (
    "SELECT 0::bigint AS member_id, 0::bigint AS price_cents, 0::bigint AS member_price_cents, 0::bigint AS units"
    " WHERE FALSE"
)
_member_price_sales = _NOTHING_SOLD


def register_member_price_sales(sql: str) -> None:
    """Have the ladder's what-if know what was sold of goods with a member price; called once.

    The query returns (member_id, price_cents, member_price_cents, units): the prices as they are now, and the units
    that members paid for since `%(lately)s` and kept.
    """
    global _member_price_sales
    if _member_price_sales not in (_NOTHING_SOLD, sql):
        raise ValueError("the sales at member prices are registered twice")
    _member_price_sales = sql


def member_price_sales() -> str:
    """That query; without the room that sells, one that finds nothing."""
    return _member_price_sales


Row = Sequence[str | int | None]


def _nothing_erased(member_ids: Sequence[int], at: datetime) -> None:
    """For a part that names nobody."""


def _nothing_open(member_ids: Sequence[int], at: datetime) -> list[str]:
    return []


@dataclass(frozen=True, kw_only=True)
class PersonalPart:
    """What a room keeps of a person, for the copy of their data and for the end of their account.

    `rows(member_ids)` fills a sheet; `erase(member_ids, at)` takes away, in the caller's transaction, all that names
    the person; `open_matters(member_ids, at)` says in words what must end before the account can.
    """

    name: str
    title: str
    columns: tuple[str, ...]
    rows: Callable[[Sequence[int]], Iterable[Row]]
    erase: Callable[[Sequence[int], datetime], None] = _nothing_erased
    open_matters: Callable[[Sequence[int], datetime], list[str]] = _nothing_open


_personal_parts: dict[str, PersonalPart] = {}


def register_personal_part(part: PersonalPart) -> None:
    """Have copies, warnings and closings ask that part too; called once per name."""
    if _personal_parts.setdefault(part.name, part) is not part:
        raise ValueError(f"personal part {part.name!r} is registered twice")


def personal_parts() -> list[PersonalPart]:
    """What all rooms keep of a person, in the order of registration: lower rooms first."""
    return list(_personal_parts.values())


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Whom a segment's SQL looks at: members with `after_id < id <= upto_id`, as of `at`; `today` is Shanghai's."""

    after_id: int
    upto_id: int
    at: datetime

    @property
    def today(self) -> date:
        """The Shanghai day of the judgement."""
        return local_date(self.at)

    def since(self, days: int) -> datetime:
        """The instant that many days before."""
        return self.at - timedelta(days=days)


class Fragment(NamedTuple):
    """A boolean SQL expression about the member `m`, and the values of its `%s`; values are never part of the text."""

    sql: str
    params: tuple[Any, ...] = ()


Choices = list[tuple[str, str]]
Where = Callable[[Condition, Scope], Fragment]


@dataclass(frozen=True, kw_only=True)
class SegmentField:
    """Something that segments ask of members: how the rule builder shows it, and its set-based SQL.

    A subquery in `where` keeps to the scope's members, so that a refresh in chunks reads no row twice. `choices` gives
    (code, word) to choose from; with a text it searches, with codes it names them; fields of other kinds have none.
    """

    shape: Shape
    group: str
    where: Where
    choices: Callable[[], Choices] | None = None
    search: Callable[[str], Choices] | None = None
    named: Callable[[Sequence[str]], Choices] | None = None


_segment_fields: dict[str, SegmentField] = {}


def register_segment_fields(*fields: SegmentField) -> None:
    """Offer the fields to the rule builder; each name once."""
    for field in fields:
        if _segment_fields.setdefault(field.shape.name, field) is not field:
            raise ValueError(f"segment field {field.shape.name!r} is registered twice")


def segment_fields() -> Mapping[str, SegmentField]:
    """The fields by name, in the order of registration: lower rooms first."""
    return MappingProxyType(_segment_fields)
