"""Page blocks about inviting: what it earns, and what a newcomer gets."""

from collections.abc import Mapping, Sequence

from campaigns.api.block_outputs import InvitationRewardsOutput, NewcomerGiftsOutput
from campaigns.selectors.invitation_rewards import INVITING, rewards_of, sentences
from config.core import blocks
from config.core.blocks import BlockKind, Placement, Values, Viewer

_NO_CONFIG = {"type": "object", "properties": {}, "additionalProperties": False}


def register_blocks() -> None:
    """Make these kinds known; called once, from AppConfig.ready()."""
    blocks.register(INVITATION_REWARDS)
    blocks.register(NEWCOMER_GIFTS)


def _load_rewards(placements: Sequence[Placement], viewer: Viewer) -> Mapping[int, Values]:
    """Nothing for visitors."""
    if viewer.member_id is None:
        return {}
    got = rewards_of(member_id=viewer.member_id)
    values = {
        "rules": sentences(triggers=INVITING, at=viewer.at),
        "points": got.points,
        "pending": got.pending,
    }
    return {placement.id: values for placement in placements}


def _load_gifts(placements: Sequence[Placement], viewer: Viewer) -> Mapping[int, Values]:
    gifts = sentences(triggers=["member_registered"], at=viewer.at)
    return {placement.id: {"gifts": gifts} for placement in placements} if gifts else {}


INVITATION_REWARDS = BlockKind(
    kind="invitation_rewards",
    title="邀请奖励",
    template="h5/campaigns/blocks/invitation_rewards.html",
    schema=_NO_CONFIG,
    load=_load_rewards,
    output=InvitationRewardsOutput,
)
NEWCOMER_GIFTS = BlockKind(
    kind="newcomer_gifts",
    title="新人礼",
    template="h5/campaigns/blocks/newcomer_gifts.html",
    schema=_NO_CONFIG,
    load=_load_gifts,
    output=NewcomerGiftsOutput,
    audience=blocks.everyone,
)
