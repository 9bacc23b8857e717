"""The mall's socket, filled: what campaigns take off a basket, and what an order will earn and lose."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from campaigns.models import Campaign
from campaigns.rules.baskets import BasketQuote, quote_redemption, quote_sale
from campaigns.rules.context import Context, LiveCampaign
from campaigns.rules.evaluate import evaluate
from campaigns.selectors.benefit_gifts import taken_back_by_fee
from campaigns.selectors.earned import earned_by_order
from campaigns.selectors.live import Live, live_with_names
from campaigns.services.clawback import due_for
from config.core import policies
from mall.ports import Basket, EarnPreview, Promotion, PromotionQuote, RefundConsequences
from mall.selectors.judgement import judgement

_ASKED_BY_BASKETS: Final = (
    Campaign.Trigger.BASKET,
    Campaign.Trigger.REDEMPTION_BASKET,
    Campaign.Trigger.ORDER_COMPLETED,
)


class CampaignPromotions:
    """Implements `mall.ports.Promotions`."""

    def offers(self, *, at: datetime) -> "LiveOffers":
        """The campaigns that are live at that moment. One query."""
        return LiveOffers(live=live_with_names(triggers=_ASKED_BY_BASKETS, at=at))

    def claim(self, *, order_id: int, quote: PromotionQuote) -> None:
        """Nothing is claimed: campaigns have no budgets or quotas."""

    def release(self, *, order_id: int) -> None:
        """Nothing was claimed."""

    def preview_refund(self, *, order_id: int, refund_cents: int) -> RefundConsequences:
        """What refunding `refund_cents` more of the goods' cash would take back, by the refund handler's arithmetic.

        What earlier refunds still have to take back is theirs, not this one's. With a plan's fee its welcome gift goes.
        """
        gift = taken_back_by_fee(order_id=order_id, refund_cents=refund_cents)
        earned = earned_by_order(order_id=order_id)
        if earned is None:
            return RefundConsequences(points_clawed_back=gift, growth_clawed_back=0)
        refunded = earned.base_cents - judgement(order_id=order_id).earn_base_cents
        theirs = due_for(earned, refunded_so_far=refunded)
        together = due_for(earned, refunded_so_far=refunded + refund_cents)
        return RefundConsequences(
            points_clawed_back=together.points - theirs.points + gift,
            growth_clawed_back=together.growth - theirs.growth,
        )


@dataclass(frozen=True, kw_only=True)
class LiveOffers:
    """Implements `mall.ports.Offers` from the campaigns of one moment."""

    live: Live

    def quote(self, basket: Basket) -> PromotionQuote:
        """What these campaigns take off this basket."""
        if basket.kind == "redemption":
            context = _context(basket, self.live.tier_names, amount_cents=None)
            points = [line.goods_points for line in basket.lines]
            campaigns = self._of(Campaign.Trigger.REDEMPTION_BASKET)
            return _as_quote(quote_redemption(campaigns=campaigns, context=context, line_points=points))
        cents = [line.goods_cents for line in basket.lines]
        context = _context(basket, self.live.tier_names, amount_cents=sum(cents))
        return _as_quote(quote_sale(campaigns=self._of(Campaign.Trigger.BASKET), context=context, line_cents=cents))

    def preview_earn(self, basket: Basket, *, cash_cents: int) -> EarnPreview:
        """What paying `cash_cents` for these goods would earn; redemptions earn nothing."""
        if basket.kind == "redemption" or cash_cents <= 0:
            return EarnPreview(points=0, growth=0)
        context = _context(basket, self.live.tier_names, amount_cents=cash_cents)
        decision = evaluate(campaigns=self._of(Campaign.Trigger.ORDER_COMPLETED), context=context)
        return EarnPreview(points=decision.points, growth=decision.growth)

    def _of(self, trigger: str) -> list[LiveCampaign]:
        return [campaign for campaign in self.live.campaigns if campaign.definition.trigger == trigger]


def _context(basket: Basket, names: Mapping[str, str], *, amount_cents: int | None) -> Context:
    return Context(
        at=basket.at,
        amount_cents=amount_cents,
        tier_code=basket.tier_code,
        points_multiplier=basket.points_multiplier,
        channel=basket.channel,
        rounding=policies.current().points_rounding,
        tier_names=names,
    )


def _as_quote(quote: BasketQuote) -> PromotionQuote:
    promotions = tuple(
        Promotion(
            campaign_id=part.campaign_id,
            version_id=part.version_id,
            label=part.label,
            line_amounts=part.line_amounts,
        )
        for part in quote.parts
    )
    return PromotionQuote(promotions=promotions, nearly=quote.nearly)
