"""Giving for what has happened: one receipt per occurrence, one ledger entry per occurrence and asset."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from campaigns.models import Campaign
from campaigns.rules.context import Context, LiveCampaign
from campaigns.rules.evaluate import evaluate
from campaigns.rules.occurrence import Decided, Occurrence
from campaigns.selectors.audiences import segments_at
from campaigns.selectors.live import live_campaigns, tier_names
from campaigns.services.giving import give
from campaigns.services.telling import tell_gained
from config.core import policies
from config.core.db import transaction_required
from mall.selectors.judgement import OrderFacts, judgement
from members.selectors.merging import current_member_id
from members.selectors.standing import standing


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What else is known about an occurrence."""

    channel: str | None = None
    streak: int | None = None
    amount_cents: int | None = None  # cash for goods of somebody else's order: the own tier does not multiply it
    judged_at: datetime | None = None  # None: when it is booked
    is_pending: bool = False


@transaction_required
def grant_for_order(*, order_id: int, at: datetime) -> int | None:
    """Give what a completed order earns, judged as of its payment; the receipt's id.

    None: a walk-in, an order given for before, or nothing to say. What was refunded by now earns nothing.
    """
    facts = judgement(order_id=order_id)
    if facts.member_id is None or facts.paid_at is None:
        return None
    if facts.kind == "plan" and not facts.earn_base_cents:  # nor do membership fees earn fixed points
        return None
    member_id = current_member_id(member_id=facts.member_id)
    occurrence = order_occurrence(facts, member_id=member_id, paid_at=facts.paid_at, at=at)
    campaigns = live_campaigns(triggers=[Campaign.Trigger.ORDER_COMPLETED], at=facts.paid_at)
    return _give_one(occurrence, campaigns)


@transaction_required
def grant_for_occurrence(
    *, trigger: str, member_id: int, occurrence: str, at: datetime, facts: Facts | None = None
) -> int | None:
    """Give for a moment in a member's life (registered, checked in); the receipt's id, None: nothing to say."""
    member_id = current_member_id(member_id=member_id)
    known, facts = standing(member_id=member_id), facts or Facts()
    judged_at = facts.judged_at or at
    context = Context(
        at=judged_at,
        amount_cents=facts.amount_cents,
        tier_code=known.tier_code,
        tier_name=known.tier_name,
        points_multiplier=known.points_multiplier if facts.amount_cents is None else Decimal(1),
        channel=facts.channel,
        streak=facts.streak,
        rounding=policies.current().points_rounding,
    )
    happened = Occurrence(
        member_id=member_id, trigger=trigger, name=occurrence, context=context, at=at, is_pending=facts.is_pending
    )
    return _give_one(happened, live_campaigns(triggers=[trigger], at=judged_at))


def order_occurrence(facts: OrderFacts, *, member_id: int, paid_at: datetime, at: datetime) -> Occurrence:
    """An order as the engine judges it: by tier, multiplier and channel as they were when it was paid."""
    name = f"order:{facts.order_id}"
    context = Context(
        at=paid_at,
        amount_cents=facts.earn_base_cents,
        tier_code=facts.tier_code,
        tier_name=facts.tier_name or "",
        points_multiplier=facts.points_multiplier or Decimal(1),
        channel=facts.channel,
        rounding=policies.current().points_rounding,
    )
    return Occurrence(
        member_id=member_id,
        trigger=Campaign.Trigger.ORDER_COMPLETED,
        name=name,
        context=context,
        at=at,
        points_key=f"{name}:points",
        growth_key=f"{name}:growth",
    )


def decide(occurrence: Occurrence, campaigns: Collection[LiveCampaign]) -> Decided:
    """The engine's answer for one occurrence."""
    context = replace(
        occurrence.context,
        tier_names=tier_names(campaigns),
        segments=segments_at([occurrence], campaigns=campaigns)[0],
    )
    return Decided(occurrence=occurrence, decision=evaluate(campaigns=list(campaigns), context=context))


def _give_one(occurrence: Occurrence, campaigns: Collection[LiveCampaign]) -> int | None:
    decided = [decide(occurrence, campaigns)]
    claimed = give(decided=decided, cause=occurrence.name)
    tell_gained(decided=decided, claimed=claimed)
    return claimed.get((occurrence.member_id, occurrence.name))
