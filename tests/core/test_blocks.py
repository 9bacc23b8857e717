from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import pytest

from config.core import blocks
from config.core.blocks import BlockKind, Placement, RenderedBlock, UnknownBlockKind, Values, Viewer

VIEWER = Viewer(member_id=None, at=datetime(2026, 11, 11, tzinfo=UTC))


@pytest.fixture(autouse=True)
def own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "_kinds", {})


class Shelf:
    """A kind that remembers its loads and has nothing to show for the placements in `empty`."""

    def __init__(self, kind: str, empty: set[int] | None = None) -> None:
        self.loads: list[list[int]] = []
        self.empty = empty or set()
        self.kind = BlockKind(kind=kind, title=kind, template=f"{kind}.html", schema={}, load=self.load)
        blocks.register(self.kind)

    def load(self, placements: Sequence[Placement], viewer: Viewer) -> Mapping[int, Values]:
        assert viewer is VIEWER
        self.loads.append([placement.id for placement in placements])
        return {p.id: {"title": p.config["title"]} for p in placements if p.id not in self.empty}


def place(id: int, kind: str) -> Placement:
    return Placement(id=id, kind=kind, config={"title": f"第{id}块"})


def test_a_page_loads_each_kind_once_and_keeps_its_order():
    banner, rail = Shelf("banner"), Shelf("rail")
    page = blocks.render_plan([place(1, "rail"), place(2, "banner"), place(3, "rail")], VIEWER)
    assert page == [
        RenderedBlock(id=1, kind="rail", template="rail.html", values={"title": "第1块"}),
        RenderedBlock(id=2, kind="banner", template="banner.html", values={"title": "第2块"}),
        RenderedBlock(id=3, kind="rail", template="rail.html", values={"title": "第3块"}),
    ]
    assert (banner.loads, rail.loads) == ([[2]], [[1, 3]])


def test_a_block_with_nothing_to_show_is_left_out():
    Shelf("rail", empty={1})
    assert [block.id for block in blocks.render_plan([place(1, "rail"), place(2, "rail")], VIEWER)] == [2]


def test_an_empty_page_loads_nothing():
    shelf = Shelf("rail")
    assert blocks.render_plan([], VIEWER) == []
    assert shelf.loads == []


def test_a_kind_that_no_room_registered_is_refused():
    with pytest.raises(UnknownBlockKind, match="carousel"):
        blocks.render_plan([place(1, "carousel")], VIEWER)


def test_a_kind_is_registered_by_one_room():
    shelf = Shelf("rail")
    blocks.register(shelf.kind)
    with pytest.raises(ValueError, match="registered twice"):
        Shelf("rail")


def test_kinds_are_listed_by_name():
    Shelf("rail"), Shelf("banner")
    assert [kind.kind for kind in blocks.kinds()] == ["banner", "rail"]
    assert blocks.kind_named("rail").template == "rail.html"
