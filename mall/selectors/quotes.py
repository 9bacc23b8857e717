"""Prices for a buyer: what pages show and what placing an order books come from this one function."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from config.core import policies
from mall import ports
from mall.rules import pricing
from mall.rules.pricing import Item, PricedBasket, Terms
from mall.selectors.baskets import REDEMPTION, SALE, Kind
from mall.selectors.viewers import Buyer, spendable_points

HANDED_OVER = "pos"  # the channel whose goods change hands in the shop


def quote(
    *, items: Sequence[Item], kind: Kind, who: Buyer, channel: str, store_id: int, points: int, at: datetime
) -> PricedBasket:
    """The basket priced for this buyer now. Points beyond what may be used are left out."""
    terms = _terms(who, channel=channel, at=at)
    basket = basket_of(items=items, kind=kind, who=who, channel=channel, store_id=store_id, at=at)
    offers = ports.promotions().offers(at=at)
    promotions = offers.quote(basket)
    if kind != SALE:
        return pricing.price_redemption(items=items, promotions=promotions, terms=terms)
    priced = pricing.price_sale(items=items, promotions=promotions, terms=terms, points=points)
    earned = offers.preview_earn(basket, cash_cents=priced.goods_paid_cents)
    if who.plan_name:
        without_plan = pricing.price_sale(
            items=items, promotions=promotions, terms=_without_plan(terms, who), points=points
        )
        priced = replace(priced, plan_saving=pricing.plan_saving(priced=priced, without_plan=without_plan))
    return replace(priced, earn_points=earned.points, earn_growth=earned.growth)


def quote_redemptions(
    *, groups: Sequence[Sequence[Item]], who: Buyer, channel: str, store_id: int, at: datetime
) -> list[PricedBasket]:
    """Each group priced as a redemption by itself, in as many queries as one."""
    terms, offers = _terms(who, channel=channel, at=at), ports.promotions().offers(at=at)
    baskets = [
        basket_of(items=items, kind=REDEMPTION, who=who, channel=channel, store_id=store_id, at=at) for items in groups
    ]
    return [
        pricing.price_redemption(items=items, promotions=offers.quote(basket), terms=terms)
        for items, basket in zip(groups, baskets, strict=True)
    ]


def basket_of(
    *, items: Sequence[Item], kind: Kind, who: Buyer, channel: str, store_id: int, at: datetime
) -> ports.Basket:
    """The basket as campaigns see it: cash goods at the buyer's member price."""
    return ports.Basket(
        kind=kind,
        member_id=who.member_id,
        tier_code=who.tier_code,
        points_multiplier=who.points_multiplier,
        channel=channel,
        store_id=store_id,
        at=at,
        lines=tuple(_basket_line(item, kind, who) for item in items),
    )


def _basket_line(item: Item, kind: Kind, who: Buyer) -> ports.BasketLine:
    unit = pricing.unit_price(
        cents=item.unit_price_cents,
        member_price_cents=item.member_price_cents,
        discount=who.discount,
        has_member_price=who.has_member_price,
    )
    return ports.BasketLine(
        sku_id=item.sku_id,
        product_id=item.product_id,
        category_id=item.category_id,
        quantity=item.quantity,
        unit_price_cents=unit.cents if kind == SALE else item.unit_price_cents,
        unit_points=item.unit_points,
    )


def _without_plan(terms: Terms, who: Buyer) -> Terms:
    """What the tier alone would give."""
    left = who.tier_free_shipping_left
    return replace(
        terms,
        discount=who.tier_discount,
        has_member_price=who.tier_has_member_price,
        has_free_shipping=left != 0,
        free_shipping_left=left,
    )


def _terms(who: Buyer, *, channel: str, at: datetime) -> Terms:
    shop = policies.current()
    return Terms(
        available_points=spendable_points(who=who, at=at),
        discount=who.discount,
        tier_name=who.tier_name,
        has_member_price=who.has_member_price,
        member_price_by=who.member_price_by,
        discount_by=who.discount_by,
        freight_by=who.freight_by,
        has_free_shipping=who.has_free_shipping,
        free_shipping_left=who.free_shipping_left,
        is_shipped=channel != HANDED_OVER,
        points_per_yuan=shop.points_per_yuan,
        deduction_max_percent=shop.points_deduction_max_percent,
        deduction_step=shop.points_deduction_step,
        freight_cents=shop.freight_cents,
        free_freight_from_cents=shop.free_freight_from_cents,
    )
