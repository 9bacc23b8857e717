"""The engine: campaigns and one occurrence in, one decision out."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from campaigns.rules.arithmetic import Step, growth_of, points_of
from campaigns.rules.context import Context, LiveCampaign
from campaigns.rules.stacking import Nearly, beaten, judge


@dataclass(frozen=True, kw_only=True)
class Part:
    """What one campaign gives; the parts of a decision sum to its totals."""

    campaign_id: int
    version_id: int
    points: int
    growth: int


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Everything decided for one occurrence: amounts, their arithmetic, and what nearly applied."""

    points: int = 0
    growth: int = 0
    steps: tuple[Step, ...] = ()
    nearly: tuple[Nearly, ...] = ()
    parts: tuple[Part, ...] = ()


NOTHING = Decision()


def evaluate(*, campaigns: Sequence[LiveCampaign], context: Context) -> Decision:
    """Decide what the campaigns of one trigger give. An order whose goods cost no cash earns nothing."""
    if context.amount_cents is not None and context.amount_cents <= 0:
        return NOTHING
    judged = judge(campaigns, context)
    points, growth = points_of(judged.matching, context), growth_of(judged.matching, context)
    beaten_ones = beaten(judged.matching, [*points.taken, *growth.taken])
    total_points, total_growth = points.close(context.rounding), growth.close(context.rounding)
    return Decision(
        points=total_points,
        growth=total_growth,
        steps=(*points.steps, *growth.steps),
        nearly=(*judged.nearly, *beaten_ones),
        parts=_parts(points.parts(context.rounding), growth.parts(context.rounding)),
    )


def _parts(points: Sequence[tuple[LiveCampaign, int]], growth: Sequence[tuple[LiveCampaign, int]]) -> tuple[Part, ...]:
    given: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    versions: dict[int, int] = {}
    for asset, shares in enumerate((points, growth)):
        for campaign, whole in shares:
            versions[campaign.campaign_id] = campaign.version_id
            given[campaign.campaign_id][asset] += whole
    return tuple(
        Part(campaign_id=campaign_id, version_id=versions[campaign_id], points=amounts[0], growth=amounts[1])
        for campaign_id, amounts in given.items()
    )
