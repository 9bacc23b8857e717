"""Which campaigns apply: within one kind of effect the best wins, and those that add up come on top."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, TypeVar

from campaigns.rules.conditions import misses
from campaigns.rules.context import Context, LiveCampaign
from campaigns.rules.definitions import Effect

E = TypeVar("E", bound=Effect)
E_co = TypeVar("E_co", bound=Effect, covariant=True)
_NEARLY_SHOWN = 8


@dataclass(frozen=True)
class Offer(Generic[E_co]):
    """One effect that a matching campaign offers."""

    campaign: LiveCampaign
    effect: E_co


@dataclass(frozen=True)
class Nearly:
    """A campaign that did not apply, and why not, in Chinese."""

    campaign_id: int
    campaign: str
    why: str


@dataclass(frozen=True)
class Judged:
    """Campaigns that match, and those that do not with their reasons."""

    matching: tuple[LiveCampaign, ...]
    nearly: tuple[Nearly, ...]


def judge(campaigns: Sequence[LiveCampaign], context: Context) -> Judged:
    """Split campaigns by whether their schedule and conditions hold; the nearest miss comes first."""
    matching: list[LiveCampaign] = []
    missed: list[tuple[int, Nearly]] = []
    for campaign in in_order(campaigns):
        definition = campaign.definition
        if not definition.is_scheduled_at(context.at):
            continue
        why = misses(definition.conditions, context)
        if why:
            missed.append((len(why), Nearly(campaign.campaign_id, definition.name, "；".join(why))))
        else:
            matching.append(campaign)
    nearest = sorted(missed, key=lambda pair: pair[0])[:_NEARLY_SHOWN]
    return Judged(tuple(matching), tuple(nearly for _, nearly in nearest))


def in_order(campaigns: Sequence[LiveCampaign]) -> list[LiveCampaign]:
    """By position, then by age."""
    return sorted(campaigns, key=lambda one: (one.definition.position, one.campaign_id))


def offers(campaigns: Sequence[LiveCampaign], kind: type[E]) -> list[Offer[E]]:
    """Every effect of that kind among the campaigns, in their order."""
    return [
        Offer(campaign, effect)
        for campaign in campaigns
        for effect in campaign.definition.effects
        if isinstance(effect, kind)
    ]


def chosen(candidates: Sequence[Offer[E]], *, worth: Callable[[E], Decimal | int]) -> list[Offer[E]]:
    """The best one (the first among equals), then every one that adds up."""
    exclusive = [offer for offer in candidates if not offer.campaign.definition.adds_up]
    adding = [offer for offer in candidates if offer.campaign.definition.adds_up]
    best = [max(exclusive, key=lambda offer: worth(offer.effect))] if exclusive else []
    return best + adding


def beaten(campaigns: Sequence[LiveCampaign], taken: Sequence[Offer[Effect]]) -> list[Nearly]:
    """Campaigns that matched but gave nothing because a better one of the same kind won."""
    winners = {type(offer.effect): offer.campaign for offer in reversed(taken)}
    applied = {offer.campaign.campaign_id for offer in taken}
    found: list[Nearly] = []
    for campaign in campaigns:
        winner = next((winners[type(e)] for e in campaign.definition.effects if type(e) in winners), None)
        if campaign.campaign_id not in applied and winner is not None:
            why = f"同类活动取最优，已享「{winner.definition.name}」"
            found.append(Nearly(campaign.campaign_id, campaign.definition.name, why))
    return found
