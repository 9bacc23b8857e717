"""Whether a buyer may have a product now, asked when it goes into the cart and again when the order is placed."""

from datetime import datetime, timedelta
from math import ceil

from django.db.models import Q

from config.core.errors import DomainError
from config.core.time import SHANGHAI
from mall.rules.admission import Access, access
from mall.selectors.skus import SkuFacts
from mall.selectors.viewers import Buyer


class ExclusiveProduct(DomainError):
    """The product is for members of a tier or plan that the buyer hasn't got."""

    code = "exclusive_product"
    message = "「{name}」仅限{for_whom}购买"
    http_status = 403
    public_facts = {"sku_id": "专享商品的规格"}


class NotOnSaleYet(DomainError):
    """The product opens later, for this buyer."""

    code = "not_on_sale_yet"
    message = "「{name}」{opens} 开售"
    public_facts = {"sku_id": "未开售的规格", "seconds": "距该会员可购买的秒数"}


def access_of(*, sku: SkuFacts, who: Buyer, at: datetime) -> Access:
    """What the SKU's product says to this buyer."""
    return access(admission=sku.admission, entrant=who.entrant, at=at)


def needs_plan(*, sku: SkuFacts, who: Buyer, at: datetime) -> bool:
    """Whether only the buyer's plan lets them have the SKU now."""
    by_tier = access(admission=sku.admission, entrant=who.tier_entrant, at=at)
    return not by_tier.is_open and access_of(sku=sku, who=who, at=at).is_open


def require_admission(*, sku: SkuFacts, who: Buyer, at: datetime) -> None:
    """Refuse a buyer whom the product isn't for, or isn't yet."""
    found = access_of(sku=sku, who=who, at=at)
    if not found.is_for_viewer:
        raise ExclusiveProduct(name=sku.product_name, for_whom=found.for_whom, sku_id=sku.id)
    if found.opens_at is not None:
        left = ceil((found.opens_at - at).total_seconds())
        raise NotOnSaleYet(name=sku.product_name, opens=opening(found.opens_at), sku_id=sku.id, seconds=left)


def open_to(*, who: Buyer, at: datetime) -> Q:
    """The products that this buyer may have now: `Access.is_open` for a query of them."""
    entrant = who.entrant
    let_in = Q(is_exclusive=False) | Q(exclusive_tier__rank__lte=entrant.tier_rank)
    if entrant.plan_id is not None:
        let_in |= Q(exclusive_plan=entrant.plan_id)
    if entrant.has_exclusive_products:
        let_in |= Q(exclusive_tier=None, exclusive_plan=None)
    return let_in & (Q(on_sale_from=None) | Q(on_sale_from__lte=at + timedelta(hours=entrant.early_hours)))


def opening(opens_at: datetime) -> str:
    """The moment as members of the shop read it: 11-25 20:00."""
    return f"{opens_at.astimezone(SHANGHAI):%m-%d %H:%M}"
