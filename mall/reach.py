"""The page block of goods that a member's points already pay for: what to do with points before they lapse."""

from collections.abc import Mapping, Sequence
from typing import Final

from config.core import blocks
from config.core.blocks import BlockKind, Placement, Values, Viewer
from mall.api import block_outputs
from mall.h5.cards import reward_cards
from mall.selectors.rewards import rewards

_MOST: Final = 8


def _load(placements: Sequence[Placement], viewer: Viewer) -> Mapping[int, Values]:
    if viewer.member_id is None:
        return {}
    page = rewards(channel=viewer.channel, at=viewer.at, member_id=viewer.member_id, limit=_MOST, within_reach=True)
    cards = reward_cards(page.rewards, balance=page.balance)
    return {
        placement.id: {
            "title": placement.config.get("title") or "现在就能兑",
            "more_query": "?reach=1",
            "products": cards,
        }
        for placement in placements
        if cards
    }


KIND: Final = BlockKind(
    kind="rewards_in_reach",
    title="积分够兑的好礼",
    template="h5/mall/blocks/points_rail.html",
    schema={
        "type": "object",
        "properties": {"title": {"type": "string"}},
        "required": [],
        "additionalProperties": False,
    },
    load=_load,
    output=block_outputs.PointsRailOutput,
)


def register() -> None:
    """Make the kind known; called once, from AppConfig.ready()."""
    blocks.register(KIND)
