"""Setting campaigns up: saving, publishing, pausing. What was live stays on record as versions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from campaigns.models import Campaign, CampaignVersion
from campaigns.rules.definitions import parse
from campaigns.rules.fields import InvalidDefinition
from config.core.db import transaction_required
from config.core.errors import DomainError, InvalidInput, NotFound


class CodeTaken(DomainError):
    """Another campaign has the code."""

    code = "code_taken"
    message = "代码 {taken} 已被其他活动使用"
    field = "code"


class TriggerIsFinal(DomainError):
    """A campaign that was published keeps its trigger: its history is judged by it."""

    code = "trigger_is_final"
    message = "已发布过的活动不能更换触发，请新建活动"
    field = "trigger"


@dataclass(frozen=True, kw_only=True)
class CampaignValues:
    """What staff fill in; `conditions` and `effects` are in the JSON shapes of `rules.definitions`."""

    code: str
    name: str
    trigger: str
    effects: list[dict[str, Any]]
    conditions: list[dict[str, Any]] = field(default_factory=list)
    description: str = ""
    stacking: str = "best"
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    position: int = 0


@transaction_required
def save(*, campaign_id: int | None, values: CampaignValues, at: datetime) -> int:
    """Create a draft, or change a campaign; a live one gets a new version from `at` on. The campaign's id.

    Raises InvalidInput (by field, in Chinese), CodeTaken, TriggerIsFinal, NotFound.
    """
    validate(values)
    campaign = Campaign() if campaign_id is None else _locked(campaign_id)
    if Campaign.objects.filter(code=values.code).exclude(pk=campaign.pk).exists():
        raise CodeTaken(taken=values.code)
    if campaign.pk and campaign.trigger != values.trigger and campaign.versions.exists():
        raise TriggerIsFinal()
    for name, value in vars(values).items():
        setattr(campaign, name, value)
    campaign.save()
    if campaign.status == Campaign.Status.LIVE:
        _open_version(campaign, at)
    return campaign.pk


@transaction_required
def publish(*, campaign_id: int, at: datetime, live_from: datetime | None = None) -> None:
    """Make the campaign count from `live_from` (now, when None) on; publishing what is live changes nothing.

    Raises InvalidInput, NotFound.
    """
    campaign = _locked(campaign_id)
    if campaign.status == Campaign.Status.LIVE:
        return
    definition_of(campaign)
    campaign.status = Campaign.Status.LIVE
    campaign.save(update_fields=["status"])
    _open_version(campaign, live_from or at)


@transaction_required
def pause(*, campaign_id: int, at: datetime) -> None:
    """Stop the campaign from `at` on; orders paid before still earn by it. Pausing what isn't live changes nothing."""
    campaign = _locked(campaign_id)
    if campaign.status != Campaign.Status.LIVE:
        return
    campaign.status = Campaign.Status.PAUSED
    campaign.save(update_fields=["status"])
    _close_open_version(campaign, at)


def validate(values: CampaignValues) -> None:
    """Refuse values that make no campaign. Raises InvalidInput."""
    _parsed(_definition(values))


def definition_of(source: Campaign | CampaignValues) -> dict[str, Any]:
    """The campaign's present content, or what staff filled in, as a version stores it. Raises InvalidInput."""
    definition = _definition(source)
    _parsed(definition)
    return definition


def _definition(source: Campaign | CampaignValues) -> dict[str, Any]:
    return {
        "code": source.code,
        "name": source.name,
        "description": source.description,
        "trigger": str(source.trigger),
        "starts_at": source.starts_at.isoformat() if source.starts_at else None,
        "ends_at": source.ends_at.isoformat() if source.ends_at else None,
        "conditions": source.conditions,
        "effects": source.effects,
        "stacking": str(source.stacking),
        "position": source.position,
    }


def _parsed(definition: Mapping[str, Any]) -> None:
    try:
        parse(definition)
    except InvalidDefinition as error:
        raise InvalidInput(**{error.field: error.text}) from error


def _locked(campaign_id: int) -> Campaign:
    campaign = Campaign.objects.select_for_update(no_key=True).filter(pk=campaign_id).first()
    if campaign is None:
        raise NotFound()
    return campaign


def _open_version(campaign: Campaign, live_from: datetime) -> None:
    """Close what is open and open what the campaign says now; the two meet at one instant. Same content: nothing."""
    definition = definition_of(campaign)
    latest = campaign.versions.order_by("number").last()
    if latest and latest.live_until is None:
        if latest.definition == definition:
            return
        live_from = _close_open_version(campaign, live_from)
    elif latest and latest.live_until is not None:
        live_from = max(live_from, latest.live_until)
    CampaignVersion.objects.create(
        campaign=campaign, number=latest.number + 1 if latest else 1, definition=definition, live_from=live_from
    )


def _close_open_version(campaign: Campaign, at: datetime) -> datetime:
    """The instant at which the open version ends: `at`, or its own beginning when that is later."""
    version = campaign.versions.get(live_until__isnull=True)
    version.live_until = max(at, version.live_from)
    version.save(update_fields=["live_until"])
    return version.live_until
