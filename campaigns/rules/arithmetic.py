"""How much: base × tier × day, then what is fixed, each step in words, each share with its campaign."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from campaigns.rules import definitions as d
from campaigns.rules.context import Context, LiveCampaign
from campaigns.rules.rounding import MODE_NAMES, rounded, rounded_parts
from campaigns.rules.stacking import Offer, chosen, offers
from campaigns.rules.words import plain
from config.core.money import yuan


@dataclass(frozen=True, kw_only=True)
class Step:
    """One line of the receipt's arithmetic; `value` is the amount reached so far, as text."""

    asset: str
    kind: str
    campaign: str
    text: str
    value: str


@dataclass
class Sum:
    """An amount as it grows: its steps, its shares by campaign, and its formula."""

    asset: str
    total: Decimal = Decimal(0)
    steps: list[Step] = field(default_factory=list)
    shares: list[tuple[LiveCampaign, Decimal]] = field(default_factory=list)
    taken: list[Offer[d.Effect]] = field(default_factory=list)
    formula: str = ""

    def add(self, offer: Offer[d.Effect], share: Decimal, *, kind: str, text: str) -> None:
        """Book one campaign's share."""
        self.taken.append(offer)
        self.shares.append((offer.campaign, share))
        self.total += share
        self.note(kind=kind, campaign=offer.campaign.definition.name, text=text)

    def plus(self, share: Decimal) -> None:
        """Write a summand into the formula."""
        self.formula = f"{self.formula} + {plain(share)}" if self.formula else plain(share)

    def times(self, factor: Decimal) -> None:
        """Write a factor into the formula."""
        base = f"({self.formula})" if " + " in self.formula else self.formula
        self.formula = f"{base} × {plain(factor)}"

    def note(self, *, kind: str, campaign: str, text: str) -> None:
        """Write a step at the present amount."""
        value = plain(self.total.quantize(Decimal("0.0001")))
        self.steps.append(Step(asset=self.asset, kind=kind, campaign=campaign, text=text, value=value))

    def close(self, mode: str) -> int:
        """Round once, and write the last steps."""
        whole = rounded(self.total, mode)
        if not self.steps:
            return 0
        sentence = f"{self.formula} = {plain(self.total)}" if len(self.formula.split()) > 1 else "合计"
        if whole != self.total:
            self.total, raw = Decimal(whole), self.total
            self.note(kind="rounding", campaign="", text=f"{plain(raw)} {MODE_NAMES[mode]}")
        self.note(kind="total", campaign="", text=sentence)
        return whole

    def parts(self, mode: str) -> list[tuple[LiveCampaign, int]]:
        """Each share as a whole number; they sum to the rounded total."""
        wholes = rounded_parts([share for _, share in self.shares], mode)
        return [(campaign, whole) for (campaign, _), whole in zip(self.shares, wholes, strict=True)]


def points_of(matching: Sequence[LiveCampaign], context: Context) -> Sum:
    """Points of one occurrence, unrounded.

    An order: (per yuan × tier × day) + fixed. Without an amount: fixed × day; the tier multiplier belongs to orders.
    """
    points = Sum("points")
    if context.amount_cents is None:
        _fixed_points(points, matching)
    else:
        _per_yuan(points, offers(matching, d.PointsPerYuan), context.amount_cents)
        _tier(points, context)
    _multiplied(points, matching)
    if context.amount_cents is not None:
        _fixed_points(points, matching)
    return points


def growth_of(matching: Sequence[LiveCampaign], context: Context) -> Sum:
    """Growth of one occurrence, unrounded: per yuan + fixed. Nothing multiplies growth."""
    growth = Sum("growth")
    for offer in chosen(offers(matching, d.GrowthPerYuan), worth=lambda effect: effect.growth):
        share = offer.effect.growth * (context.amount_cents or 0) / 100
        growth.plus(share)
        text = f"{yuan(context.amount_cents or 0)} × {plain(offer.effect.growth)} 成长值/元"
        growth.add(offer, share, kind="base", text=text)
    for fixed in chosen(offers(matching, d.FixedGrowth), worth=lambda effect: effect.growth):
        growth.plus(Decimal(fixed.effect.growth))
        growth.add(fixed, Decimal(fixed.effect.growth), kind="fixed", text=f"+{fixed.effect.growth} 成长值")
    return growth


def _per_yuan(points: Sum, candidates: Sequence[Offer[d.PointsPerYuan]], cents: int) -> None:
    for offer in chosen(candidates, worth=lambda effect: effect.points):
        share = offer.effect.points * cents / 100
        points.plus(share)
        points.add(offer, share, kind="base", text=f"{yuan(cents)} × {plain(offer.effect.points)} 积分/元")


def _tier(points: Sum, context: Context) -> None:
    factor = context.points_multiplier
    if factor == 1 or not points.total:
        return
    points.shares = [(campaign, share * factor) for campaign, share in points.shares]
    points.total *= factor
    points.times(factor)
    points.note(kind="tier", campaign=context.tier_name or "会员等级", text=f"等级积分 ×{plain(factor)}")


def _multiplied(points: Sum, matching: Sequence[LiveCampaign]) -> None:
    base, factor = points.total, Decimal(1)
    if not base:
        return
    for number, offer in enumerate(chosen(offers(matching, d.Multiplier), worth=lambda effect: effect.factor)):
        extra = offer.effect.factor - 1
        factor += extra
        text = f"再加 {plain(extra)} 倍" if number else f"积分 ×{plain(offer.effect.factor)}"
        points.add(offer, base * extra, kind="multiplier", text=text)
    if factor != 1:
        points.times(factor)


def _fixed_points(points: Sum, matching: Sequence[LiveCampaign]) -> None:
    for offer in chosen(offers(matching, d.FixedPoints), worth=lambda effect: effect.points):
        points.plus(Decimal(offer.effect.points))
        points.add(offer, Decimal(offer.effect.points), kind="fixed", text=f"+{offer.effect.points} 积分")
