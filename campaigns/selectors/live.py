"""Which campaigns were live at an instant, in which version."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from json import loads
from typing import Any

from django.db.models import Q, TextField
from django.db.models.functions import Cast

from campaigns.models import CampaignVersion
from campaigns.rules.context import LiveCampaign
from campaigns.rules.definitions import Definition, TierIn, parse
from members.selectors.tiers import ladder


@dataclass(frozen=True, kw_only=True)
class _Span:
    live_from: datetime
    live_until: datetime | None
    campaign: LiveCampaign

    def covers(self, at: datetime) -> bool:
        return self.live_from <= at and (self.live_until is None or at < self.live_until)


@dataclass(frozen=True, kw_only=True)
class History:
    """Every version of some campaigns, so that many instants can be asked about after one query."""

    spans: Sequence[_Span]

    def at(self, at: datetime) -> list[LiveCampaign]:
        """The versions that were live at the instant."""
        return [span.campaign for span in self.spans if span.covers(at)]

    def open(self) -> list[LiveCampaign]:
        """The versions that are live until further notice."""
        return [span.campaign for span in self.spans if span.live_until is None]


def live_campaigns(*, triggers: Collection[str], at: datetime) -> list[LiveCampaign]:
    """Campaigns of these triggers in the version live at the instant; the engine judges schedules. One query."""
    open_or_later = Q(live_until__isnull=True) | Q(live_until__gt=at)
    return [span.campaign for span in _spans(Q(campaign__trigger__in=triggers, live_from__lte=at) & open_or_later)]


def history(*, triggers: Collection[str], codes: Collection[str] | None = None) -> History:
    """All versions of the campaigns of these triggers (of these codes alone, when given). One query."""
    wanted = Q(campaign__trigger__in=triggers)
    return History(spans=_spans(wanted if codes is None else wanted & Q(campaign__code__in=codes)))


def tier_names(campaigns: Collection[LiveCampaign]) -> Mapping[str, str]:
    """Names of the tiers by code, for campaigns that ask for a tier; no query when none does."""
    conditions = [condition for campaign in campaigns for condition in campaign.definition.conditions]
    if not any(isinstance(condition, TierIn) for condition in conditions):
        return {}
    return {rung.code: rung.name for rung in ladder()}


def _spans(wanted: Q) -> list[_Span]:
    rows = (
        CampaignVersion.objects.filter(wanted)
        .annotate(text=Cast("definition", TextField()))
        .order_by("campaign_id", "number")
        .values_list("campaign_id", "pk", "text", "live_from", "live_until")
    )
    return [
        _Span(
            live_from=live_from,
            live_until=live_until,
            campaign=LiveCampaign(campaign_id=campaign_id, version_id=version_id, definition=parsed(text)),
        )
        for campaign_id, version_id, text, live_from, live_until in rows
    ]


@lru_cache(maxsize=1024)
def parsed(text: str) -> Definition:
    """The definition in a JSON text, parsed once per process."""
    data: dict[str, Any] = loads(text)
    return parse(data)
