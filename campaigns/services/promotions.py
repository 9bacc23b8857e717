"""The mall's socket, filled: what campaigns take off a basket, and what an order will earn and lose."""

from collections.abc import Mapping, Sequence

from campaigns.models import Campaign
from campaigns.rules.baskets import BasketQuote, quote_redemption, quote_sale
from campaigns.rules.context import Context, LiveCampaign
from campaigns.rules.evaluate import evaluate
from campaigns.selectors.earned import earned_by_order
from campaigns.selectors.live import live_campaigns, tier_names
from campaigns.services.clawback import due_for
from config.core import policies
from mall.ports import Basket, EarnPreview, Promotion, PromotionQuote, RefundConsequences
from mall.selectors.judgement import judgement


class CampaignPromotions:
    """Implements `mall.ports.Promotions`."""

    def quote(self, basket: Basket) -> PromotionQuote:
        """What live campaigns take off this basket. One query."""
        return self.quote_each([basket])[0]

    def quote_each(self, baskets: Sequence[Basket]) -> list[PromotionQuote]:
        """What live campaigns take off each basket by itself; baskets of one kind and moment. One query."""
        if not baskets:
            return []
        trigger = Campaign.Trigger.REDEMPTION_BASKET if baskets[0].kind == "redemption" else Campaign.Trigger.BASKET
        campaigns = live_campaigns(triggers=[trigger], at=baskets[0].at)
        names = tier_names(campaigns)
        return [_quoted(basket, campaigns, names) for basket in baskets]

    def preview_earn(self, basket: Basket, *, cash_cents: int) -> EarnPreview:
        """What paying `cash_cents` for these goods now would earn; redemptions earn nothing. One query."""
        if basket.kind == "redemption" or cash_cents <= 0:
            return EarnPreview(points=0, growth=0)
        campaigns = live_campaigns(triggers=[Campaign.Trigger.ORDER_COMPLETED], at=basket.at)
        decision = evaluate(
            campaigns=campaigns, context=_context(basket, tier_names(campaigns), amount_cents=cash_cents)
        )
        return EarnPreview(points=decision.points, growth=decision.growth)

    def claim(self, *, order_id: int, quote: PromotionQuote) -> None:
        """Nothing is claimed: campaigns have no budgets or quotas."""

    def release(self, *, order_id: int) -> None:
        """Nothing was claimed."""

    def preview_refund(self, *, order_id: int, refund_cents: int) -> RefundConsequences:
        """What refunding `refund_cents` more of the goods' cash would take back, by the refund handler's arithmetic."""
        earned = earned_by_order(order_id=order_id)
        if earned is None:
            return RefundConsequences(points_clawed_back=0, growth_clawed_back=0)
        refunded = earned.base_cents - judgement(order_id=order_id).earn_base_cents
        due = due_for(earned, refunded_so_far=refunded + refund_cents)
        return RefundConsequences(points_clawed_back=due.points, growth_clawed_back=due.growth)


def _quoted(basket: Basket, campaigns: list[LiveCampaign], names: Mapping[str, str]) -> PromotionQuote:
    if basket.kind == "redemption":
        context = _context(basket, names, amount_cents=None)
        points = [line.goods_points for line in basket.lines]
        return _as_quote(quote_redemption(campaigns=campaigns, context=context, line_points=points))
    cents = [line.goods_cents for line in basket.lines]
    context = _context(basket, names, amount_cents=sum(cents))
    return _as_quote(quote_sale(campaigns=campaigns, context=context, line_cents=cents))


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
