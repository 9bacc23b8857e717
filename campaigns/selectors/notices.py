"""Campaigns that run now, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from campaigns.models import Campaign
from campaigns.rules.context import LiveCampaign
from campaigns.rules.windows import is_timed, window_at
from campaigns.rules.words import rule_sentence, schedule_words
from campaigns.selectors.live import live_with_names


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One running campaign; `ends_at` is when this run of it ends, None when it goes on."""

    campaign_id: int
    trigger: str
    name: str
    text: str
    schedule: str
    is_timed: bool
    ends_at: datetime | None


def running(*, at: datetime, limit: int, for_member: bool) -> list[Notice]:
    """The first campaigns that run at the instant: those that end before those that always run.

    Members aren't told what newcomers get. One query.
    """
    triggers = set(Campaign.Trigger.values) - ({Campaign.Trigger.MEMBER_REGISTERED.value} if for_member else set())
    live = live_with_names(triggers=triggers, at=at)
    found = [notice for one in live.campaigns if (notice := _notice(one, at, live.tier_names))]
    order = {one.campaign_id: one.definition.position for one in live.campaigns}
    found.sort(key=lambda notice: (not notice.is_timed, order[notice.campaign_id], notice.campaign_id))
    return found[:limit]


def _notice(campaign: LiveCampaign, at: datetime, names: Mapping[str, str]) -> Notice | None:
    definition = campaign.definition
    window = window_at(definition, at)
    if window is None:
        return None
    return Notice(
        campaign_id=campaign.campaign_id,
        trigger=definition.trigger,
        name=definition.name,
        text=definition.description or rule_sentence(definition, tier_names=names),
        schedule=schedule_words(definition),
        is_timed=is_timed(definition),
        ends_at=window.ends_at,
    )
