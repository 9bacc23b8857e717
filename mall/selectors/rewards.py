"""The points mall: goods for points, and for points with cash, at the points price of this moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from config.core.errors import NotFound
from mall.models import Product, Sku
from mall.rules.admission import Access
from mall.selectors.admission import access_of, open_to
from mall.selectors.baskets import REDEMPTION, item_of
from mall.selectors.cursors import read_cursor, write_cursor
from mall.selectors.pictures import pictures_of_product, url_of
from mall.selectors.quotes import quote_redemptions
from mall.selectors.skus import SkuFacts, facts_of, skus_of_product
from mall.selectors.viewers import Buyer, buyer, spendable_points


@dataclass(frozen=True, kw_only=True)
class RewardCard:
    """A product in the points mall: its cheapest SKU. `base_points` is the price before promotions."""

    id: int
    name: str
    subtitle: str
    image: str
    sku_id: int
    points: int
    base_points: int
    cash_cents: int
    worth_cents: int
    is_sold_out: bool
    access: Access


@dataclass(frozen=True, kw_only=True)
class RewardPage:
    """A part of the points mall; `balance` is None for a visitor."""

    rewards: list[RewardCard]
    next_cursor: str
    balance: int | None


@dataclass(frozen=True, kw_only=True)
class RewardChoice:
    """A SKU to redeem."""

    id: int
    label: str
    points: int
    base_points: int
    cash_cents: int
    worth_cents: int
    available: int


@dataclass(frozen=True, kw_only=True)
class RewardDetail:
    """A product in the points mall with its SKUs; `balance` is None for a visitor."""

    id: int
    name: str
    subtitle: str
    description: str
    images: list[str]
    skus: list[RewardChoice]
    balance: int | None
    access: Access


def rewards(
    *,
    channel: str,
    at: datetime,
    member_id: int | None = None,
    cursor: str = "",
    limit: int = 20,
    who: Buyer | None = None,
    within_reach: bool = False,
) -> RewardPage:
    """What points can redeem, in the merchant's order; the number of queries doesn't grow with it.

    `within_reach` leaves out what costs more points than the buyer has, before promotions, what is sold out, and
    what is for others, or not yet for this buyer.
    """
    who = who or buyer(member_id=member_id)
    balance = spendable_points(who=who, at=at)
    skus = _redeemable_skus()
    if within_reach:
        skus = skus.filter(redeem_points__lte=balance or 0, stocks__available__gt=0, stocks__store__is_default=True)
    products = Product.objects.filter(Exists(skus), is_redeemable=True)
    if within_reach:
        products = products.filter(open_to(who=who, at=at))
    if after := read_cursor(cursor):
        products = products.filter(Q(position__gt=after[0]) | Q(position=after[0], pk__gt=after[1]))
    products = products.order_by("position", "pk").only("id", "name", "subtitle", "position")
    rows = list(products.annotate(found_skus=skus_of_product())[: limit + 1])
    shown = rows[:limit]
    found = {product.pk: kept for product in shown if (kept := _redeemable(product.found_skus))}
    points = _points_now([sku for group in found.values() for sku in group], who, channel, at)
    return RewardPage(
        rewards=[_card(product, found[product.pk], points, who, at) for product in shown if product.pk in found],
        next_cursor=write_cursor(shown[-1].position, shown[-1].pk) if len(rows) > limit else "",
        balance=balance,
    )


def is_of_reward(*, product_id: int, sku_id: int) -> bool:
    """Whether that SKU is one of the reward's."""
    return Sku.objects.filter(pk=sku_id, product_id=product_id).exists()


def reward_detail(*, product_id: int, channel: str, at: datetime, member_id: int | None = None) -> RewardDetail:
    """One product of the points mall. Raises NotFound when points can't redeem it."""
    products = Product.objects.filter(pk=product_id, is_redeemable=True)
    product = products.annotate(pictures=pictures_of_product(), found_skus=skus_of_product()).first()
    skus = _redeemable(product.found_skus) if product is not None else []
    if product is None or not skus:
        raise NotFound()
    who = buyer(member_id=member_id)
    points = _points_now(skus, who, channel, at)
    return RewardDetail(
        id=product.pk,
        name=product.name,
        subtitle=product.subtitle,
        description=product.description,
        images=[url_of(name) for name in product.pictures],
        skus=[_choice(sku, points) for sku in skus],
        balance=spendable_points(who=who, at=at),
        access=access_of(sku=skus[0], who=who, at=at),
    )


def _redeemable_skus() -> QuerySet[Sku]:
    return Sku.objects.filter(product=OuterRef("pk"), is_active=True, redeem_points__isnull=False)


def _redeemable(found: Sequence[Mapping[str, Any]]) -> list[SkuFacts]:
    return [sku for sku in facts_of(found) if sku.can_be_redeemed]


def _points_now(skus: Sequence[SkuFacts], who: Buyer, channel: str, at: datetime) -> dict[int, int]:
    """The points price of one of each SKU, each as if redeemed by itself; what the buyer has plays no part."""
    if not skus:
        return {}
    store_id, who = skus[0].store_id, replace(who, points_account=None)
    groups = [[item_of(sku, quantity=1, kind=REDEMPTION)] for sku in skus]
    return {
        line.sku_id: line.points_spent
        for priced in quote_redemptions(groups=groups, who=who, channel=channel, store_id=store_id, at=at)
        for line in priced.lines
    }


def _card(product: Product, skus: Sequence[SkuFacts], points: dict[int, int], who: Buyer, at: datetime) -> RewardCard:
    in_stock = [sku for sku in skus if sku.available > 0]
    cheapest = min(in_stock or skus, key=lambda sku: (points[sku.id], sku.redeem_cash_cents))
    return RewardCard(
        id=product.pk,
        name=product.name,
        subtitle=product.subtitle,
        image=url_of(cheapest.image),
        sku_id=cheapest.id,
        points=points[cheapest.id],
        base_points=cheapest.redeem_points or 0,
        cash_cents=cheapest.redeem_cash_cents,
        worth_cents=cheapest.price_cents,
        is_sold_out=not in_stock,
        access=access_of(sku=cheapest, who=who, at=at),
    )


def _choice(sku: SkuFacts, points: dict[int, int]) -> RewardChoice:
    return RewardChoice(
        id=sku.id,
        label=sku.label,
        points=points[sku.id],
        base_points=sku.redeem_points or 0,
        cash_cents=sku.redeem_cash_cents,
        worth_cents=sku.price_cents,
        available=sku.available,
    )
