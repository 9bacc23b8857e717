"""What campaigns take off a basket: 满减 in cents, redemption discounts in points, cut over its lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from campaigns.rules import definitions as d
from campaigns.rules.conditions import misses
from campaigns.rules.context import Context, LiveCampaign
from campaigns.rules.stacking import Offer, chosen, in_order, judge, offers
from campaigns.rules.words import effect_words
from config.core.money import allocate, yuan

_HINTS = 3


@dataclass(frozen=True, kw_only=True)
class BasketPart:
    """One campaign's part: cents or points off each line, in line order."""

    campaign_id: int
    version_id: int
    label: str
    line_amounts: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class BasketQuote:
    """All parts, and sentences about what nearly applied."""

    parts: tuple[BasketPart, ...] = ()
    nearly: tuple[str, ...] = ()


def quote_sale(*, campaigns: Sequence[LiveCampaign], context: Context, line_cents: Sequence[int]) -> BasketQuote:
    """满减 over the lines. Every campaign is judged on the goods amount before 满减; together they never exceed it."""
    matching = judge(campaigns, context).matching
    taken = chosen(offers(matching, d.MoneyOff), worth=lambda effect: effect.cents)
    left, parts = list(line_cents), []
    for offer in taken:
        off = min(offer.effect.cents, sum(left))
        left, part = _cut(offer.campaign, off, left)
        parts.append(part)
    best = max((offer.effect.cents for offer in taken if not offer.campaign.definition.adds_up), default=0)
    return BasketQuote(parts=_given(parts), nearly=_sale_hints(campaigns, context, best))


def quote_redemption(*, campaigns: Sequence[LiveCampaign], context: Context, line_points: Sequence[int]) -> BasketQuote:
    """Discounts on the points price; the discount is rounded down, so a price never falls below its rate."""
    judged = judge(campaigns, context)
    left, parts = list(line_points), []
    for offer in chosen(offers(judged.matching, d.PointsPriceDiscount), worth=lambda effect: -effect.rate):
        left, part = _cut(offer.campaign, _discount(offer, sum(left)), left)
        parts.append(part)
    hints = tuple(f"{nearly.campaign}：{nearly.why}" for nearly in judged.nearly[:_HINTS])
    return BasketQuote(parts=_given(parts), nearly=hints)


def _discount(offer: Offer[d.PointsPriceDiscount], points: int) -> int:
    return int(points * (Decimal(1) - offer.effect.rate))


def _cut(campaign: LiveCampaign, off: int, left: Sequence[int]) -> tuple[list[int], BasketPart]:
    amounts = allocate(off, left)
    rest = [size - amount for size, amount in zip(left, amounts, strict=True)]
    return rest, BasketPart(
        campaign_id=campaign.campaign_id,
        version_id=campaign.version_id,
        label=campaign.definition.name,
        line_amounts=tuple(amounts),
    )


def _given(parts: Sequence[BasketPart]) -> tuple[BasketPart, ...]:
    return tuple(part for part in parts if any(part.line_amounts))


def _sale_hints(campaigns: Sequence[LiveCampaign], context: Context, best: int) -> tuple[str, ...]:
    """Campaigns that only lack an amount and would take more off than the one in force; the nearest first."""
    hints: list[tuple[int, str]] = []
    for campaign in in_order(campaigns):
        missing = _only_amount_missing(campaign.definition, context)
        for effect in campaign.definition.effects:
            is_better = isinstance(effect, d.MoneyOff) and (campaign.definition.adds_up or effect.cents > best)
            if missing and is_better:
                hints.append(
                    (missing, f"再买 {yuan(missing)} 可享「{campaign.definition.name}」{effect_words(effect)}")
                )
    return tuple(text for _, text in sorted(hints, key=lambda pair: pair[0])[:_HINTS])


def _only_amount_missing(definition: d.Definition, context: Context) -> int:
    """How many cents are missing when that is all that is missing; else 0."""
    amount = next((one for one in definition.conditions if isinstance(one, d.AmountAtLeast)), None)
    if amount is None or not definition.is_scheduled_at(context.at):
        return 0
    others = [one for one in definition.conditions if one is not amount]
    return 0 if misses(others, context) else max(amount.cents - (context.amount_cents or 0), 0)
