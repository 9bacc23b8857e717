"""SKUs with what pages and checkout need of them: price, product, cover, what the online store can still sell."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BigIntegerField, CharField, F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, JSONObject

from mall.models import Sku, Stock, Store
from mall.rules.admission import Admission
from mall.selectors.pictures import cover_of


@dataclass(frozen=True, kw_only=True)
class SkuFacts:
    """One SKU and its product. `image` is the stored name of the cover, `available` what the store has left."""

    id: int
    code: str
    label: str
    price_cents: int
    list_price_cents: int | None
    member_price_cents: int | None
    redeem_points: int | None
    redeem_cash_cents: int
    is_active: bool
    available: int
    store_id: int
    product_id: int
    category_id: int
    product_name: str
    is_on_sale: bool
    is_redeemable: bool
    is_exclusive: bool
    exclusive_tier_rank: int | None
    exclusive_tier_name: str | None
    exclusive_plan_id: int | None
    exclusive_plan_name: str | None
    on_sale_from: datetime | None
    image: str

    @property
    def admission(self) -> Admission:
        """What its product asks of buyers."""
        return Admission(
            is_exclusive=self.is_exclusive,
            tier_rank=self.exclusive_tier_rank,
            tier_name=self.exclusive_tier_name or "",
            plan_id=self.exclusive_plan_id,
            plan_name=self.exclusive_plan_name or "",
            on_sale_from=self.on_sale_from,
        )

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


def skus_of_product() -> ArraySubquery:
    """For a list of products: each one's active SKUs in the merchant's order, to be read by `facts_of`."""
    skus = Sku.objects.filter(product=OuterRef("pk"), is_active=True).order_by("position", "pk")
    return ArraySubquery(_with_shelves(skus, None).values(facts=JSONObject(**_COLUMNS)))


def facts_of(skus: Sequence[Mapping[str, Any]]) -> list[SkuFacts]:
    """What `skus_of_product` found."""
    return [SkuFacts(**{**sku, "on_sale_from": _moment(sku["on_sale_from"])}) for sku in skus]


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


_COLUMNS = {
    **{name: name for name in ("id", "code", "label", "price_cents", "is_active", "product_id")},
    **{name: name for name in ("list_price_cents", "member_price_cents")},
    **{name: name for name in ("redeem_points", "redeem_cash_cents", "available", "store_id", "image")},
    "category_id": "product__category_id",
    "product_name": "product__name",
    "is_on_sale": "product__is_on_sale",
    "is_redeemable": "product__is_redeemable",
    "is_exclusive": "product__is_exclusive",
    "exclusive_tier_rank": "product__exclusive_tier__rank",
    "exclusive_tier_name": "product__exclusive_tier__name",
    "exclusive_plan_id": "product__exclusive_plan_id",
    "exclusive_plan_name": "product__exclusive_plan__name",
    "on_sale_from": "product__on_sale_from",
}


def _rows(skus: QuerySet[Sku], store_id: int | None) -> list[SkuFacts]:
    kept = {name: F(path) for name, path in _COLUMNS.items() if name != path}
    own = [name for name, path in _COLUMNS.items() if name == path]
    return [SkuFacts(**row) for row in _with_shelves(skus, store_id).values(*own, **kept)]


def _with_shelves(skus: QuerySet[Sku], store_id: int | None) -> QuerySet[Sku]:
    """The SKUs with their store, what is left there, and the cover."""
    default = Subquery(Store.objects.filter(is_default=True).values("pk")[:1])
    store = default if store_id is None else Value(store_id, output_field=BigIntegerField())
    stock = Stock.objects.filter(sku=OuterRef("pk"), store=OuterRef("store_id"))
    return skus.annotate(store_id=store).annotate(
        available=Coalesce(Subquery(stock.values("available")[:1]), Value(0)),
        image=Coalesce(cover_of("product"), Value(""), output_field=CharField()),
    )
