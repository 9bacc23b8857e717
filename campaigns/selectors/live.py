"""Which campaigns were live at an instant, in which version."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from json import loads
from typing import Any, Final

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from campaigns.models import CampaignVersion
from campaigns.rules.context import LiveCampaign
from campaigns.rules.definitions import Definition, TierIn, parse
from members.selectors.tiers import ladder, tiers_in_rows


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


@dataclass(frozen=True, kw_only=True)
class Live:
    """Campaigns that are live, and the names of all tiers by code, for those that ask for one."""

    campaigns: list[LiveCampaign]
    tier_names: Mapping[str, str]


def live_campaigns(*, triggers: Collection[str], at: datetime) -> list[LiveCampaign]:
    """Campaigns of these triggers in the version live at the instant; the engine judges schedules. One query."""
    return [span.campaign for span in _spans(_live(triggers, at))]


def live_with_names(*, triggers: Collection[str], at: datetime) -> Live:
    """What `live_campaigns` finds, with the names of the tiers. One query."""
    rows = list(_versions(_live(triggers, at)).annotate(tiers=tiers_in_rows()).values_list(*_COLUMNS, "tiers"))
    names = {tier["code"]: tier["name"] for tier in rows[0][-1]} if rows else {}
    return Live(campaigns=[_span(*row[:-1]).campaign for row in rows], tier_names=names)


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


_COLUMNS: Final = ("campaign_id", "pk", "text", "live_from", "live_until")


def _live(triggers: Collection[str], at: datetime) -> Q:
    open_or_later = Q(live_until__isnull=True) | Q(live_until__gt=at)
    return Q(campaign__trigger__in=triggers, live_from__lte=at) & open_or_later


def _spans(wanted: Q) -> list[_Span]:
    return [_span(*row) for row in _versions(wanted).values_list(*_COLUMNS)]


def _versions(wanted: Q) -> QuerySet[CampaignVersion]:
    found = CampaignVersion.objects.filter(wanted).annotate(text=Cast("definition", TextField()))
    return found.order_by("campaign_id", "number")


def _span(campaign_id: int, version_id: int, text: str, live_from: datetime, live_until: datetime | None) -> _Span:
    campaign = LiveCampaign(campaign_id=campaign_id, version_id=version_id, definition=parsed(text))
    return _Span(live_from=live_from, live_until=live_until, campaign=campaign)


@lru_cache(maxsize=1024)
def parsed(text: str) -> Definition:
    """The definition in a JSON text, parsed once per process."""
    data: dict[str, Any] = loads(text)
    return parse(data)
