"""Page blocks: home, member centre and landing pages are lists of them.

A room registers its kinds in `AppConfig.ready()`. A page is an ordered list of placements (kind + config);
`render_plan` loads each kind once, whatever the number of its placements.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar, cast

from django.conf import settings

from config.core.db import Ask, answers
from config.core.fragments import Fragment, Shared, alike
from config.core.keeping import kept

if TYPE_CHECKING:
    from rest_framework.serializers import Serializer

Config = Mapping[str, Any]
Values = Mapping[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Viewer:
    """Who looks at the page, through which channel, and when. `member_id` is None for a visitor."""

    member_id: int | None
    at: datetime
    channel: str = "h5"
    _known: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def once(self, name: str, load: Callable[[], T]) -> T:
        """What `load` returns, asked once for all blocks of the page."""
        if name not in self._known:
            self._known[name] = load()
        return cast(T, self._known[name])

    def knows(self, name: str) -> bool:
        """Whether that was asked already."""
        return name in self._known


@dataclass(frozen=True, kw_only=True)
class Placement(Shared):
    """One block on one page: which kind, with which config."""

    id: int
    kind: str
    config: Config


@dataclass(frozen=True, kw_only=True)
class BlockKind:
    """What a block kind is.

    `schema` is a JSON Schema object of its config; `load` maps placement ids to plain values with one query for all
    placements of the kind (a missing id means: nothing to show). `output` says what of the values the API shows; a kind
    without one is for pages alone. `audience` names the group of viewers that see the same: values are then kept for
    the whole group for settings.SHELF_SECONDS, and so is what its template makes of them. A kind without one is
    personal and loaded for every page; it is rendered for every page too unless `is_alike`: its plain values say so
    little that many members have the same, and its template has no form. What a personal kind `asks` the database is
    asked together with the others' questions, and `load` finds the answers in `viewer.once`, by their names.
    """

    kind: str
    title: str
    template: str
    schema: Mapping[str, Any]
    load: Callable[[Sequence[Placement], Viewer], Mapping[int, Values]]
    output: "type[Serializer[Any]] | None" = None
    audience: Callable[[Viewer], Hashable] | None = None
    asks: Callable[[Viewer], Mapping[str, Ask[Any]]] | None = None
    is_alike: bool = False

    def asks_of(self, viewer: Viewer) -> Mapping[str, Ask[Any]]:
        """Its questions by name; what is known already is not asked."""
        asks = self.asks(viewer) if self.asks else {}
        return {name: ask for name, ask in asks.items() if not viewer.knows(name)}


@dataclass(frozen=True, kw_only=True)
class RenderedBlock:
    """Plain values for one block, ready for its template or the API; `fragment` is its part of the page when shared."""

    id: int
    kind: str
    template: str
    values: Values
    fragment: Fragment | None = field(default=None, compare=False)


class UnknownBlockKind(LookupError):
    """A placement names a kind that no room registered."""


_kinds: dict[str, BlockKind] = {}


def register(kind: BlockKind) -> None:
    """Make a kind known; the same kind twice must be the same object."""
    if _kinds.setdefault(kind.kind, kind) is not kind:
        raise ValueError(f"block kind {kind.kind!r} is registered twice")


def kinds() -> list[BlockKind]:
    """All registered kinds, by name."""
    return [_kinds[name] for name in sorted(_kinds)]


def kind_names() -> Set[str]:
    """The names of all registered kinds."""
    return _kinds.keys()


def kind_named(name: str) -> BlockKind:
    """The kind of that name. Raises UnknownBlockKind."""
    try:
        return _kinds[name]
    except KeyError as error:
        raise UnknownBlockKind(name) from error


def render_plan(
    placements: Sequence[Placement], viewer: Viewer, *, beside: Mapping[str, Ask[Any]] | None = None
) -> list[RenderedBlock]:
    """Values of every block that has something to show, in page order.

    What the page itself wants to know is asked `beside`, in the round trip of the blocks' questions.
    """
    by_kind: dict[str, list[Placement]] = defaultdict(list)
    for placement in placements:
        by_kind[placement.kind].append(placement)
    asks = dict(beside or {})
    for name in by_kind:
        asks |= kind_named(name).asks_of(viewer)
    for name, answer in zip(asks, answers(list(asks.values())), strict=True):
        viewer.once(name, lambda answer=answer: answer)  # type: ignore[misc]
    loaded = {name: _loaded(kind_named(name), group, viewer) for name, group in by_kind.items()}
    return [loaded[p.kind][p.id] for p in placements if p.id in loaded[p.kind]]


def everyone(viewer: Viewer) -> Hashable:
    """The audience of a kind that all viewers see alike."""
    return None


def _loaded(kind: BlockKind, placements: Sequence[Placement], viewer: Viewer) -> Mapping[int, RenderedBlock]:
    if kind.audience is None:
        return {id: _personal(kind, id, values) for id, values in kind.load(placements, viewer).items()}
    plan = tuple((placement.id, _config_text(placement)) for placement in placements)
    key = ("block", kind.kind, plan, viewer.channel, kind.audience(viewer))
    return kept(key, seconds=settings.SHELF_SECONDS, load=lambda: _shared(kind, placements, viewer))


def _personal(kind: BlockKind, id: int, values: Values) -> RenderedBlock:
    fragment = alike(kind.template, {"values": values}) if kind.is_alike else None
    return RenderedBlock(id=id, kind=kind.kind, template=kind.template, values=values, fragment=fragment)


def _config_text(placement: Placement) -> str:
    return placement.once("config_text", lambda: json.dumps(placement.config, sort_keys=True))


def _shared(kind: BlockKind, placements: Sequence[Placement], viewer: Viewer) -> Mapping[int, RenderedBlock]:
    return {
        id: RenderedBlock(
            id=id,
            kind=kind.kind,
            template=kind.template,
            values=values,
            fragment=Fragment(kind.template, {"values": values}),
        )
        for id, values in kind.load(placements, viewer).items()
    }
