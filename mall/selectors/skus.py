"""SKUs with what pages and checkout need of them: price, product, cover, what the online store can still sell."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import CharField, F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from mall.models import Sku, Stock
from mall.selectors.pictures import cover_of


@dataclass(frozen=True, kw_only=True)
class SkuFacts:
    """One SKU and its product. `image` is the stored name of the product's cover."""

    id: int
    code: str
    label: str
    price_cents: int
    list_price_cents: int | None
    redeem_points: int | None
    redeem_cash_cents: int
    is_active: bool
    available: int
    product_id: int
    category_id: int
    product_name: str
    is_on_sale: bool
    is_redeemable: bool
    image: str

    @property
    def is_sellable(self) -> bool:
        """Whether cash buys it (stock apart)."""
        return self.is_active and self.is_on_sale

    @property
    def can_be_redeemed(self) -> bool:
        """Whether points redeem it (stock apart)."""
        return self.is_active and self.is_redeemable and self.redeem_points is not None


def sku_facts(*, sku_ids: Iterable[int], store_id: int | None = None) -> dict[int, SkuFacts]:
    """Facts of these SKUs by id, in one query; stock is the default store's unless another is named."""
    return {facts.id: facts for facts in _rows(Sku.objects.filter(pk__in=list(sku_ids)), store_id)}


def skus_of_products(*, product_ids: Iterable[int]) -> dict[int, list[SkuFacts]]:
    """Active SKUs by product, in the merchant's order, in one query."""
    found: dict[int, list[SkuFacts]] = {}
    rows = Sku.objects.filter(product__in=list(product_ids), is_active=True).order_by("product", "position", "pk")
    for facts in _rows(rows, None):
        found.setdefault(facts.product_id, []).append(facts)
    return found


def _rows(skus: QuerySet[Sku], store_id: int | None) -> list[SkuFacts]:
    stock = Stock.objects.filter(sku=OuterRef("pk"))
    stock = stock.filter(store__is_default=True) if store_id is None else stock.filter(store=store_id)
    rows = skus.annotate(
        available=Coalesce(Subquery(stock.values("available")[:1]), Value(0)),
        image=Coalesce(cover_of("product"), Value(""), output_field=CharField()),
    ).values(
        *("id", "code", "label", "price_cents", "list_price_cents", "redeem_points", "redeem_cash_cents", "is_active"),
        *("available", "image", "product_id"),
        category_id=F("product__category_id"),
        product_name=F("product__name"),
        is_on_sale=F("product__is_on_sale"),
        is_redeemable=F("product__is_redeemable"),
    )
    return [SkuFacts(**row) for row in rows]
