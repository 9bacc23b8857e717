"""Noticing that campaigns start and end. Earning never asks what was noticed."""

from datetime import datetime

from campaigns.events import CampaignEnded, CampaignStarted
from campaigns.models import Campaign
from campaigns.rules.context import LiveCampaign
from campaigns.rules.windows import Window, is_timed, window_at
from campaigns.selectors.live import live_campaigns
from config.core.db import transaction_required
from config.core.time import local_date
from config.outbox import publishing as outbox

ENDED = "ended"


@transaction_required
def announce_starts_and_ends(*, at: datetime) -> int:
    """Publish what started or ended since the last look; how many facts that were.

    A run (a Wednesday, a festival week) is announced once, however often this is called; a run that began and ended
    between two looks is not announced any more.
    """
    rows = list(Campaign.objects.select_for_update(no_key=True).order_by("pk").only("name", "announced"))
    live = {one.campaign_id: one for one in live_campaigns(triggers=Campaign.Trigger.values, at=at)}
    return sum(_announce(row, live.get(row.pk), at) for row in rows)


def _announce(row: Campaign, campaign: LiveCampaign | None, at: datetime) -> int:
    window = window_at(campaign.definition, at) if campaign and is_timed(campaign.definition) else None
    state = _state(window, row.announced)
    if state == row.announced:
        return 0
    Campaign.objects.filter(pk=row.pk).update(announced=state)
    if row.announced not in {"", ENDED}:
        outbox.publish(CampaignEnded(campaign_id=row.pk, name_zh=row.name, noticed_at=at))
    if window:
        fact = CampaignStarted(
            campaign_id=row.pk, name_zh=row.name, starts_at=window.starts_at, ends_at=window.ends_at, noticed_at=at
        )
        outbox.publish(fact)
    return 1


def _state(window: Window | None, announced: str) -> str:
    """What is to be remembered: the day the run began, "ended" after a run, nothing before the first."""
    if window:
        return str(local_date(window.starts_at)) if window.starts_at else "started"
    return ENDED if announced else ""
