"""One product with its SKUs, and what one of it would cost and earn."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings

from config.core.errors import NotFound
from config.core.fragments import Shared
from config.core.keeping import kept
from mall.models import Product
from mall.rules.admission import Access
from mall.selectors.admission import access_of
from mall.selectors.baskets import SALE, item_of
from mall.selectors.catalogue import ViewerPrice, viewer_price
from mall.selectors.pictures import pictures_of_product, url_of
from mall.selectors.quotes import quote
from mall.selectors.skus import SkuFacts, facts_of, sku_facts, skus_of_product
from mall.selectors.viewers import Buyer, buyer


@dataclass(frozen=True, kw_only=True)
class SkuChoice:
    """A SKU to choose. `price_cents` is the viewer's."""

    id: int
    code: str
    label: str
    price_cents: int
    list_price_cents: int | None
    member_price_cents: int | None
    is_member_price: bool
    available: int
    is_sold_out: bool


@dataclass(frozen=True, kw_only=True)
class ProductDetail(Shared):
    """A product that is on sale. `offer` is of the chosen SKU, and so is `earn_points`."""

    id: int
    name: str
    subtitle: str
    description: str
    images: list[str]
    category_name: str
    category_slug: str
    sold_count: int
    is_on_sale: bool
    is_redeemable: bool
    skus: list[SkuChoice]
    offer: "ProductOffer"
    earn_points: int
    is_sold_out: bool
    access: Access


@dataclass(frozen=True, kw_only=True)
class ProductOffer:
    """What one unit of a SKU costs and earns this viewer. `promotions` name what a basket of one already gets."""

    sku_id: int
    price_cents: int
    list_price_cents: int | None
    member_price_cents: int | None
    is_member_price: bool
    label: str
    earn_points: int
    promotions: tuple[str, ...]
    nearly: tuple[str, ...]


def product_detail(
    *,
    product_id: int,
    channel: str,
    at: datetime,
    member_id: int | None = None,
    sku_id: int | None = None,
    who: Buyer | None = None,
) -> ProductDetail:
    """The product's page, offering the SKU asked for, else the first in stock; kept for settings.SHELF_SECONDS.

    Raises NotFound when it is not on sale or has no SKU.
    """
    who = who or buyer(member_id=member_id)
    key = ("product", product_id, channel, sku_id, who.audience)
    return kept(key, seconds=settings.SHELF_SECONDS, load=lambda: _detail(product_id, channel, at, who, sku_id))


def _detail(product_id: int, channel: str, at: datetime, who: Buyer, sku_id: int | None) -> ProductDetail:
    products = Product.objects.filter(pk=product_id, is_on_sale=True).select_related("category")
    product = products.annotate(pictures=pictures_of_product(), found_skus=skus_of_product()).first()
    if product is None or not product.found_skus:
        raise NotFound()
    skus = facts_of(product.found_skus)
    offer = _offer(_chosen(skus, sku_id), who, channel, at)
    return ProductDetail(
        id=product.pk,
        name=product.name,
        subtitle=product.subtitle,
        description=product.description,
        images=[url_of(name) for name in product.pictures],
        category_name=product.category.name,
        category_slug=product.category.slug,
        sold_count=product.sold_count,
        is_on_sale=product.is_on_sale,
        is_redeemable=product.is_redeemable,
        skus=[_choice(sku, who) for sku in skus],
        offer=offer,
        earn_points=offer.earn_points,
        is_sold_out=all(sku.available <= 0 for sku in skus),
        access=access_of(sku=skus[0], who=who, at=at),
    )


def product_offer(*, sku_id: int, channel: str, at: datetime, member_id: int | None = None) -> ProductOffer:
    """What one unit would cost and earn. Raises NotFound for a SKU that is not on sale."""
    sku = sku_facts(sku_ids=[sku_id]).get(sku_id)
    if sku is None or not sku.is_sellable:
        raise NotFound()
    return _offer(sku, buyer(member_id=member_id), channel, at)


def _offer(sku: SkuFacts, who: Buyer, channel: str, at: datetime) -> ProductOffer:
    priced = quote(
        items=[item_of(sku, quantity=1, kind=SALE)],
        kind=SALE,
        who=replace(who, points_account=None),  # nobody pays with points here: their balance is not asked for
        channel=channel,
        store_id=sku.store_id,
        points=0,
        at=at,
    )
    price = viewer_price(sku, who)
    return ProductOffer(
        sku_id=sku.id,
        **vars(price),
        label=_label(price, sku, who),
        earn_points=priced.earn_points,
        promotions=tuple(promotion.label for promotion in priced.promotions.promotions),
        nearly=priced.nearly,
    )


def _label(price: ViewerPrice, sku: SkuFacts, who: Buyer) -> str:
    if price.is_member_price:
        return f"{who.member_price_by or who.tier_name} 会员价"
    return f"{who.discount_by or who.tier_name}价" if price.price_cents < sku.price_cents else "售价"


def _chosen(skus: Sequence[SkuFacts], sku_id: int | None) -> SkuFacts:
    asked = next((sku for sku in skus if sku.id == sku_id), None)
    return asked or next((sku for sku in skus if sku.available > 0), skus[0])


def _choice(sku: SkuFacts, who: Buyer) -> SkuChoice:
    return SkuChoice(
        id=sku.id,
        code=sku.code,
        label=sku.label,
        **vars(viewer_price(sku, who)),
        available=sku.available,
        is_sold_out=sku.available <= 0,
    )
