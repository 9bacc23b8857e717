"""The shelves: categories, the home feed, search, rails. Every list is one query (and one for a member's prices)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.conf import settings
from django.db.models import BigIntegerField, Exists, F, IntegerField, Min, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Floor, Least

from config.core.errors import InvalidInput, NotFound
from config.core.fragments import Shared
from config.core.keeping import kept
from mall.models import Category, Product, Sku
from mall.rules.admission import Access
from mall.rules.pricing import unit_price
from mall.selectors.admission import access_of
from mall.selectors.cursors import read_cursor, write_cursor
from mall.selectors.pictures import url_of
from mall.selectors.skus import SkuFacts, facts_of, skus_of_product
from mall.selectors.viewers import Buyer, buyer

K = TypeVar("K")

_MOST_WORDS = 5
_LONGEST_TEXT = 60


@dataclass(frozen=True, kw_only=True)
class CategoryRow:
    """A category that shoppers see."""

    id: int
    name: str
    slug: str
    art: str


@dataclass(frozen=True, kw_only=True)
class ProductCard:
    """A product in a list. `price_cents` is what this viewer pays for its cheapest SKU."""

    id: int
    name: str
    subtitle: str
    image: str
    sku_id: int
    price_cents: int
    list_price_cents: int | None
    member_price_cents: int | None
    is_member_price: bool
    sku_count: int
    sold_count: int
    is_sold_out: bool
    access: Access


@dataclass(frozen=True, kw_only=True)
class ProductPage(Shared):
    """A part of an endless list; `next_cursor` is empty at its end."""

    products: list[ProductCard]
    next_cursor: str


@dataclass(frozen=True, kw_only=True)
class CategoryPage(ProductPage):
    """A part of one category's list, and all categories beside it."""

    category: CategoryRow
    categories: list[CategoryRow]


def categories() -> list[CategoryRow]:
    """The visible categories in the merchant's order, kept for settings.SHELF_SECONDS. One query."""
    return kept("categories", seconds=settings.SHELF_SECONDS, load=_categories)


def _categories() -> list[CategoryRow]:
    rows = Category.objects.filter(is_visible=True).order_by("position", "pk").values("id", "name", "slug", "art")
    return [CategoryRow(**row) for row in rows]


def feed(
    *,
    at: datetime,
    member_id: int | None = None,
    cursor: str = "",
    limit: int = 20,
    sort: str = "",
    who: Buyer | None = None,
) -> ProductPage:
    """Everything on sale in the merchant's order, or sorted as `search` sorts. Who knows the buyer spares asking."""
    who = who or buyer(member_id=member_id)
    return _page(_on_sale(), at=at, cursor=cursor, limit=limit, sort=sort, who=who)


def category_products(
    *,
    slug: str,
    at: datetime,
    member_id: int | None = None,
    cursor: str = "",
    limit: int = 20,
    sort: str = "",
    who: Buyer | None = None,
) -> CategoryPage:
    """What one visible category has on sale, kept for settings.SHELF_SECONDS. Raises NotFound."""
    who = who or buyer(member_id=member_id)
    key = ("category", slug, cursor, limit, sort, who.audience)
    return kept(key, seconds=settings.SHELF_SECONDS, load=lambda: _category_page(slug, at, cursor, limit, sort, who))


def _category_page(slug: str, at: datetime, cursor: str, limit: int, sort: str, who: Buyer) -> CategoryPage:
    entries = _categories()
    found = next((entry for entry in entries if entry.slug == slug), None)
    if found is None:
        raise NotFound()
    shelf = _on_sale().filter(category=found.id)
    page = _page(shelf, at=at, cursor=cursor, limit=limit, sort=sort, who=who)
    return CategoryPage(products=page.products, next_cursor=page.next_cursor, category=found, categories=entries)


def search(
    *,
    text: str,
    at: datetime,
    member_id: int | None = None,
    cursor: str = "",
    limit: int = 20,
    sort: str = "",
    who: Buyer | None = None,
) -> ProductPage:
    """Products whose name holds every word, whatever its case; wildcards mean themselves. No words: nothing.

    Sorts: "" (the merchant's order), "sales", "price", "-price", "new". Kept for settings.SHELF_SECONDS.
    """
    words = text.replace("\0", " ")[:_LONGEST_TEXT].strip()
    if not words:
        return ProductPage(products=[], next_cursor="")
    who = who or buyer(member_id=member_id)

    def load() -> ProductPage:
        found = matching(products=_on_sale(), text=words)
        return _page(found, at=at, cursor=cursor, limit=limit, sort=sort, who=who)

    key = ("search", words, cursor, limit, sort, who.audience)
    return kept(key, seconds=settings.SHELF_SECONDS, load=load)


def on_sale() -> QuerySet[Product]:
    """What shoppers can buy, to be narrowed down and read by `page_of`."""
    return _on_sale()


def matching(*, products: QuerySet[Product], text: str) -> QuerySet[Product]:
    """Those whose name holds every word, whatever its case; wildcards mean themselves."""
    for word in text.replace("\0", " ")[:_LONGEST_TEXT].split()[:_MOST_WORDS]:
        products = products.filter(name__icontains=word)
    return products


def page_of(
    *,
    products: QuerySet[Product],
    at: datetime,
    member_id: int | None = None,
    cursor: str = "",
    limit: int = 20,
    sort: str = "",
) -> ProductPage:
    """A part of these products as this viewer sees them, sorted as `search` sorts."""
    return _page(products, at=at, who=buyer(member_id=member_id), cursor=cursor, limit=limit, sort=sort)


@dataclass(frozen=True, kw_only=True)
class RailWish:
    """A short row: "bestsellers", "newest", or "merchant" for the merchant's order; of one category or of all."""

    category_slug: str = ""
    source: str = "bestsellers"
    limit: int = 8


def rails(
    *, wishes: Mapping[K, RailWish], at: datetime, member_id: int | None = None, who: Buyer | None = None
) -> dict[K, list[ProductCard]]:
    """The products of every wished row, in one query however many rows there are."""
    if not wishes:
        return {}
    parts = [_rail(number, wish) for number, wish in enumerate(wishes.values())]
    rows = list(parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0])
    cards = {card.id: card for card in _cards(rows, who or buyer(member_id=member_id), at)}
    rows.sort(key=lambda row: (row["rail"], row["rank"], row["id"]))
    return {
        key: [cards[row["id"]] for row in rows if row["rail"] == number and row["id"] in cards]
        for number, key in enumerate(wishes)
    }


@dataclass(frozen=True, kw_only=True)
class ViewerPrice:
    """What the viewer pays for one, and the higher price to strike through, if any.

    `member_price_cents` is the SKU's member price where the viewer pays that one or, for want of the benefit, more.
    """

    price_cents: int
    list_price_cents: int | None
    member_price_cents: int | None
    is_member_price: bool


def viewer_price(sku: SkuFacts, who: Buyer) -> ViewerPrice:
    """The price of one unit for this viewer."""
    unit = unit_price(
        cents=sku.price_cents,
        member_price_cents=sku.member_price_cents,
        discount=who.discount,
        has_member_price=who.has_member_price,
    )
    struck = sku.price_cents if unit.is_member_price else sku.list_price_cents or sku.price_cents
    members = sku.member_price_cents
    return ViewerPrice(
        price_cents=unit.cents,
        list_price_cents=struck if struck > unit.cents else None,
        member_price_cents=members if members and (unit.is_member_price or members < unit.cents) else None,
        is_member_price=unit.is_member_price,
    )


_COLUMNS = ("id", "name", "subtitle", "sold_count")


def _rail(number: int, wish: RailWish) -> QuerySet[Product, dict[str, Any]]:
    """One row's products, marked with the row's number so that all rows can be read at once."""
    sort = {"bestsellers": "sales", "newest": "new"}.get(wish.source, "")
    products = _on_sale().annotate(rank=_rank(sort, Buyer()), rail=Value(number))
    if wish.category_slug:
        products = products.filter(category__slug=wish.category_slug, category__is_visible=True)
    return products.order_by("rank", "pk").values(*_COLUMNS, "rank", "rail", found_skus=skus_of_product())[: wish.limit]


def _on_sale() -> QuerySet[Product]:
    return Product.objects.filter(Exists(Sku.objects.filter(product=OuterRef("pk"), is_active=True)), is_on_sale=True)


def _rank(sort: str, who: Buyer) -> Combinable:
    """What a list is sorted by, ascending; ties go by id. Prices are in the order in which the viewer reads them."""
    lowest = Sku.objects.filter(product=OuterRef("pk"), is_active=True).order_by().values("product")
    price = Subquery(lowest.annotate(lowest=Min(_price_for(who))).values("lowest"), output_field=IntegerField())
    ranks: dict[str, Combinable] = {
        "": F("position"),
        "sales": -F("sold_count"),
        "price": price,
        "-price": price * -1,
        "new": -F("pk"),
    }
    if sort not in ranks:
        raise InvalidInput(sort="排序方式无效")
    return ranks[sort]


def _price_for(who: Buyer) -> Combinable:
    """What a SKU is sorted by: a discount leaves the order of prices as it is, member prices don't."""
    if not who.has_member_price:
        return F("price_cents")
    discounted = Cast(Floor(F("price_cents") * Value(who.discount)), BigIntegerField())
    return Least(discounted, F("member_price_cents"))


def _page(
    products: QuerySet[Product],
    *,
    who: Buyer,
    at: datetime,
    cursor: str,
    limit: int,
    sort: str,
) -> ProductPage:
    ranked = products.annotate(rank=_rank(sort, who))
    if after := read_cursor(cursor):
        ranked = ranked.filter(Q(rank__gt=after[0]) | Q(rank=after[0], pk__gt=after[1]))
    rows: list[dict[str, Any]] = list(
        ranked.order_by("rank", "pk").values(*_COLUMNS, "rank", found_skus=skus_of_product())[: limit + 1]
    )
    shown = rows[:limit]
    return ProductPage(
        products=_cards(shown, who, at),
        next_cursor=write_cursor(shown[-1]["rank"], shown[-1]["id"]) if len(rows) > limit else "",
    )


def _cards(rows: Sequence[dict[str, Any]], who: Buyer, at: datetime) -> list[ProductCard]:
    return [_card(row, facts_of(row["found_skus"]), who, at) for row in rows if row["found_skus"]]


def _card(row: dict[str, Any], skus: Sequence[SkuFacts], who: Buyer, at: datetime) -> ProductCard:
    in_stock = [sku for sku in skus if sku.available > 0]
    prices = {sku.id: viewer_price(sku, who) for sku in skus}
    cheapest = min(in_stock or skus, key=lambda sku: prices[sku.id].price_cents)
    return ProductCard(
        id=row["id"],
        name=row["name"],
        subtitle=row["subtitle"],
        image=url_of(cheapest.image),
        sku_id=cheapest.id,
        **vars(prices[cheapest.id]),
        sku_count=len(skus),
        sold_count=row["sold_count"],
        is_sold_out=not in_stock,
        access=access_of(sku=cheapest, who=who, at=at),
    )
