"""What a campaign would give before it is saved: its definition together with what is live, in one made-up moment."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from campaigns.rules.baskets import BasketQuote, quote_redemption, quote_sale
from campaigns.rules.conditions import misses
from campaigns.rules.context import Context, LiveCampaign
from campaigns.rules.definitions import Definition, parse
from campaigns.rules.evaluate import evaluate
from campaigns.selectors.live import live_campaigns
from campaigns.selectors.receipts import NearlyView, ReceiptSum, sums_of
from config.core import policies
from config.core.money import yuan
from members.selectors.tiers import ladder

_UNSAVED: Final = 2**62  # the youngest of all, as it will be when it is saved
_CASH_TRIGGERS: Final = ("order_completed", "basket", "invitee_first_order")


@dataclass(frozen=True, kw_only=True)
class Situation:
    """Who, when, through which channel, for how much (cents, or points of a redemption), on which day in a row."""

    at: datetime
    tier_code: str
    tier_name: str
    points_multiplier: Decimal
    channel: str
    amount_cents: int
    points_price: int
    streak: int


@dataclass(frozen=True, kw_only=True)
class Preview:
    """The receipt as the member would see it. `why_not` is empty when the campaign applies."""

    why_not: str
    sums: tuple[ReceiptSum, ...]
    offs: tuple[tuple[str, str], ...]
    nearly: tuple[NearlyView, ...]


def preview(*, definition: Mapping[str, Any], campaign_id: int | None, situation: Situation) -> Preview:
    """Judge an unsaved definition among the live campaigns of its trigger. Two queries."""
    own = LiveCampaign(campaign_id=campaign_id or _UNSAVED, version_id=0, definition=parse(definition))
    others = live_campaigns(triggers=[own.definition.trigger], at=situation.at)
    campaigns = [own, *(one for one in others if one.campaign_id != own.campaign_id)]
    context = _context(own.definition, situation)
    if own.definition.trigger == "basket":
        quote = quote_sale(campaigns=campaigns, context=context, line_cents=[situation.amount_cents])
        return _of_basket(quote, own, context, lambda off: f"-{yuan(off)}")
    if own.definition.trigger == "redemption_basket":
        quote = quote_redemption(campaigns=campaigns, context=context, line_points=[situation.points_price])
        return _of_basket(quote, own, context, lambda off: f"-{off:,} 积分")
    decision = evaluate(campaigns=campaigns, context=context)
    beaten = next((near.why for near in decision.nearly if near.campaign_id == own.campaign_id), "")
    return Preview(
        why_not=_why_not(own.definition, context) or beaten,
        sums=sums_of(points=decision.points, growth=decision.growth, steps=[asdict(step) for step in decision.steps]),
        offs=(),
        nearly=tuple(
            NearlyView(campaign=near.campaign, why=near.why)
            for near in decision.nearly
            if near.campaign_id != own.campaign_id
        ),
    )


def _context(definition: Definition, situation: Situation) -> Context:
    context = Context(
        at=situation.at,
        tier_code=situation.tier_code,
        tier_name=situation.tier_name,
        points_multiplier=situation.points_multiplier,
        channel=situation.channel,
        rounding=policies.current().points_rounding,
        tier_names={rung.code: rung.name for rung in ladder()},
    )
    if definition.trigger == "invitee_first_order":  # somebody else's order: the own tier does not multiply it
        context = replace(context, points_multiplier=Decimal(1))
    if definition.trigger in _CASH_TRIGGERS:
        return replace(context, amount_cents=situation.amount_cents)
    return replace(context, streak=situation.streak) if definition.trigger == "checked_in" else context


def _of_basket(quote: BasketQuote, own: LiveCampaign, context: Context, worded: Any) -> Preview:
    applied = {part.campaign_id for part in quote.parts}
    beaten = "" if own.campaign_id in applied else "同类活动里有更优惠的，或没有可减的金额"
    return Preview(
        why_not=_why_not(own.definition, context) or beaten,
        sums=(),
        offs=tuple((part.label, worded(sum(part.line_amounts))) for part in quote.parts),
        nearly=tuple(NearlyView(campaign="", why=hint) for hint in quote.nearly),
    )


def _why_not(definition: Definition, context: Context) -> str:
    if not definition.is_scheduled_at(context.at):
        return "所选时间不在活动的开始和结束之间"
    if context.amount_cents == 0:
        return "没有用现金支付的商品金额"
    return "；".join(misses(definition.conditions, context))
