"""Giving for thousands of orders or birthdays at a time.

    grant_orders(facts=[OrderFact(...), ...], codes=None, as_if_live=False, cause="import") -> BulkReport

`facts` may be of any members and times; chunks of about 2,000 are best. Each order is judged as of its `paid_at` by the
tier and multiplier in its fact. `codes` names the campaigns to use (`{"base"}` for ¥1 = 1 point); `as_if_live` takes
today's versions as if they had always been live. Orders given for before are left alone, so a chunk may be repeated.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from campaigns.models import Campaign
from campaigns.rules.context import Context
from campaigns.rules.evaluate import evaluate
from campaigns.rules.occurrence import Decided, Occurrence
from campaigns.selectors.audiences import segments_at
from campaigns.selectors.live import History, history, tier_names
from campaigns.services.giving import give
from campaigns.services.telling import tell_gained
from config.core import policies
from config.core.db import transaction_required


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderFact:
    """A completed order: cash for goods less refunds, who bought as what, when it was paid and when it is booked."""

    order_id: int
    member_id: int
    base_cents: int
    paid_at: datetime
    completed_at: datetime
    channel: str
    tier_code: str
    tier_name: str
    points_multiplier: Decimal = Decimal(1)


@dataclass(frozen=True, kw_only=True)
class BulkReport:
    """What one call gave."""

    receipts: int
    points: int
    growth: int


@transaction_required
def grant_orders(
    *,
    facts: Sequence[OrderFact],
    codes: Collection[str] | None = None,
    as_if_live: bool = False,
    cause: str = "import",
) -> BulkReport:
    """Give what these orders earn; tiers are looked at once per member, as of their latest order."""
    versions = history(triggers=[Campaign.Trigger.ORDER_COMPLETED], codes=codes)
    return grant_many(
        occurrences=[_occurrence(fact) for fact in facts], versions=versions, as_if_live=as_if_live, cause=cause
    )


@transaction_required
def grant_many(
    *, occurrences: Sequence[Occurrence], versions: History, cause: str, as_if_live: bool = False, is_news: bool = False
) -> BulkReport:
    """Give for occurrences of one trigger, each judged by the versions live at its own instant.

    Members are told of it when it `is_news`; what an import brings is none.
    """
    if not occurrences:
        return BulkReport(receipts=0, points=0, growth=0)
    campaigns = [span.campaign for span in versions.spans]
    names, rounding = tier_names(campaigns), policies.current().points_rounding
    segments = segments_at(occurrences, campaigns=campaigns)
    always = versions.open()
    decided = [
        Decided(
            occurrence=one,
            decision=evaluate(
                campaigns=always if as_if_live else versions.at(one.context.at),
                context=replace(one.context, tier_names=names, rounding=rounding, segments=inside),
            ),
        )
        for one, inside in zip(occurrences, segments, strict=True)
    ]
    claimed = give(decided=decided, cause=cause)
    if is_news:
        tell_gained(decided=decided, claimed=claimed)
    given = {(one.occurrence.member_id, one.occurrence.name): one.decision for one in decided}
    return BulkReport(
        receipts=len(claimed),
        points=sum(given[name].points for name in claimed),
        growth=sum(given[name].growth for name in claimed),
    )


def _occurrence(fact: OrderFact) -> Occurrence:
    name = f"order:{fact.order_id}"
    context = Context(
        at=fact.paid_at,
        amount_cents=fact.base_cents,
        tier_code=fact.tier_code,
        tier_name=fact.tier_name,
        points_multiplier=fact.points_multiplier,
        channel=fact.channel,
    )
    return Occurrence(
        member_id=fact.member_id,
        trigger=Campaign.Trigger.ORDER_COMPLETED,
        name=name,
        context=context,
        at=fact.completed_at,
        points_key=f"{name}:points",
        growth_key=f"{name}:growth",
    )
