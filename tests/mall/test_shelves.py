"""Lists of goods: order, paging, search, prices, and a number of queries that doesn't grow."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from config.core.errors import InvalidInput, NotFound
from mall.models import Category, Product, ProductImage, Sku, Stock
from mall.selectors import catalogue
from mall.selectors.catalogue import ProductPage, RailWish
from mall.selectors.pages import placements
from mall.selectors.products import product_detail, product_offer
from mall.selectors.rewards import reward_detail, rewards
from tests.mall.builders import AT, FakePromotions, a_buyer, a_sku

pytestmark = pytest.mark.django_db


def names(page: ProductPage) -> list[str]:
    return [card.name for card in page.products]


def queries(act: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as captured:
        act()
    return len(captured)


def test_the_feed_pages_through_everything_once_in_the_merchants_order(shop: None) -> None:
    for number in range(7):
        a_sku(name=f"商品{number}", position=number // 3)
    seen, cursor = [], ""
    while True:
        page = catalogue.feed(at=AT, cursor=cursor, limit=3)
        seen += names(page)
        cursor = page.next_cursor
        if not cursor:
            break
    assert seen == [f"商品{number}" for number in range(7)]


@pytest.mark.parametrize(
    ("sort", "order"),
    [("", "甲乙丙丁"), ("sales", "丁甲乙丙"), ("price", "乙甲丙丁"), ("-price", "丁丙甲乙"), ("new", "丁丙乙甲")],
)
def test_lists_can_be_sorted_and_paged_in_every_order(shop: None, sort: str, order: str) -> None:
    for position, (name, price) in enumerate([("甲", 200), ("乙", 100), ("丙", 300), ("丁", 400)]):
        a_sku(name=name, price_cents=price, position=position)
    Product.objects.filter(name="丁").update(sold_count=9)
    first = catalogue.feed(at=AT, sort=sort, limit=2)
    rest = catalogue.feed(at=AT, sort=sort, limit=2, cursor=first.next_cursor)
    assert "".join(names(first) + names(rest)) == order
    assert rest.next_cursor == ""


@pytest.mark.parametrize("cursor", ["x", "1", "1.", ".1", "1.2.3", "1.-2", "9" * 30 + ".1", "１.２"])
def test_a_cursor_nobody_wrote_is_refused(shop: None, cursor: str) -> None:
    with pytest.raises(InvalidInput):
        catalogue.feed(at=AT, cursor=cursor)


def test_an_order_of_sorting_nobody_knows_is_refused(shop: None) -> None:
    with pytest.raises(InvalidInput):
        catalogue.feed(at=AT, sort="pk; drop table")


def test_what_is_not_on_sale_or_has_no_sku_is_not_shown(shop: None) -> None:
    a_sku(name="在售")
    off, bare = a_sku(name="下架"), a_sku(name="无规格")
    Product.objects.filter(pk=off.product_id).update(is_on_sale=False)
    Sku.objects.filter(pk=bare.pk).update(is_active=False)
    assert names(catalogue.feed(at=AT)) == ["在售"]
    for gone in (off, bare):
        with pytest.raises(NotFound):
            product_detail(product_id=gone.product_id, channel="h5", at=AT)
        with pytest.raises(NotFound):
            product_offer(sku_id=gone.pk, channel="h5", at=AT)


def test_a_card_shows_the_cheapest_sku_in_stock_at_the_viewers_price(shop: None) -> None:
    sku = a_sku(price_cents=1000, stock=0)
    dear = Sku.objects.create(product=sku.product, code="dear", price_cents=3000, list_price_cents=3500)
    Stock.objects.create(sku=dear, store_id=sku.stocks.get().store_id, available=1)
    (card,) = catalogue.feed(at=AT).products
    assert (card.sku_id, card.price_cents, card.list_price_cents, card.sku_count, card.is_sold_out) == (
        dear.pk,
        3000,
        3500,
        2,
        False,
    )
    (mine,) = catalogue.feed(at=AT, member_id=a_buyer(tier="diamond").pk).products
    assert mine.price_cents == 2850


def test_the_members_price_strikes_the_shops_through(shop: None) -> None:
    a_sku(price_cents=1000)
    (visitor,) = catalogue.feed(at=AT).products
    (member,) = catalogue.feed(at=AT, member_id=a_buyer(tier="diamond").pk).products
    assert (visitor.price_cents, visitor.list_price_cents) == (1000, None)
    assert (member.price_cents, member.list_price_cents) == (950, 1000)


def test_sold_out_goods_stay_on_the_shelf_and_say_so(shop: None) -> None:
    a_sku(stock=0)
    assert catalogue.feed(at=AT).products[0].is_sold_out


def test_a_category_shows_its_own_and_a_hidden_one_is_not_found(shop: None) -> None:
    a_sku(name="茶", category="tea")
    a_sku(name="糕", category="cake")
    page = catalogue.category_products(slug="cake", at=AT)
    assert (names(page), page.category.slug) == (["糕"], "cake")
    Category.objects.filter(slug="cake").update(is_visible=False)
    assert [row.slug for row in catalogue.categories()] == ["tea"]
    for slug in ("cake", "none"):
        with pytest.raises(NotFound):
            catalogue.category_products(slug=slug, at=AT)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("龙井", ["明前龙井礼盒", "龙井 100% 原产"]),
        ("龙井 礼盒", ["明前龙井礼盒"]),
        ("%", ["龙井 100% 原产"]),
        ("_", ["a_b"]),
        ("\\", ["c\\d"]),
        ("A_B", ["a_b"]),
        ("'", []),
        ("  ", []),
        ("龙\0井", ["明前龙井礼盒", "龙井 100% 原产"]),
    ],
)
def test_search_takes_words_as_they_are_written(shop: None, text: str, found: list[str]) -> None:
    for position, name in enumerate(["明前龙井礼盒", "龙井 100% 原产", "a_b", "c\\d"]):
        a_sku(name=name, position=position)
    assert names(catalogue.search(text=text, at=AT)) == found


def test_search_can_use_the_trigram_index(shop: None) -> None:
    products: QuerySet[Product] = Product.objects.filter(name__icontains="明前龙井")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert "product_name_trgm" in products.explain()


def test_rails_come_together_in_the_wished_order(shop: None) -> None:
    for number, (name, category) in enumerate([("茶", "tea"), ("糕", "cake"), ("饼", "cake")]):
        sku = a_sku(name=name, category=category)
        Product.objects.filter(pk=sku.product_id).update(sold_count=number)
    wishes = {
        "hot": RailWish(limit=2),
        "cakes": RailWish(category_slug="cake", source="merchant"),
        "new": RailWish(source="newest", limit=1),
        "none": RailWish(category_slug="none"),
    }
    found = catalogue.rails(wishes=wishes, at=AT)
    assert {key: [card.name for card in cards] for key, cards in found.items()} == {
        "hot": ["饼", "糕"],
        "cakes": ["糕", "饼"],
        "new": ["饼"],
        "none": [],
    }


def test_a_product_page_has_pictures_skus_and_what_one_earns(shop: None, promotions: FakePromotions) -> None:
    promotions.off = 1000
    sku = a_sku(price_cents=10000)
    for position, name in enumerate(["b.webp", "a.webp"]):
        ProductImage.objects.create(product=sku.product, image=f"products/{name}", position=-position + 1)
    detail = product_detail(product_id=sku.product_id, channel="h5", at=AT)
    assert [address.rsplit("/", 1)[1] for address in detail.images] == ["a.webp", "b.webp"]
    assert (detail.earn_points, detail.is_sold_out) == (90, False)
    assert [(choice.label, choice.price_cents, choice.available) for choice in detail.skus] == [("标准", 10000, 10)]
    offer = product_offer(sku_id=sku.pk, channel="h5", at=AT, member_id=a_buyer(tier="diamond").pk)
    assert (offer.price_cents, offer.list_price_cents, offer.label) == (9500, 10000, "钻石会员价")
    assert (offer.promotions, offer.earn_points) == (("满100减10",), 85)


def test_sixty_products_cost_no_more_queries_than_three(shop: None) -> None:
    member = a_buyer(tier="diamond", points=100)
    pages: dict[str, Callable[[], object]] = {
        "feed": lambda: catalogue.feed(at=AT, member_id=member.pk, limit=100),
        "category": lambda: catalogue.category_products(slug="tea", at=AT, member_id=member.pk, limit=100),
        "search": lambda: catalogue.search(text="明前", at=AT, member_id=member.pk, limit=100),
        "sorted": lambda: catalogue.search(text="明前", at=AT, member_id=member.pk, limit=100, sort="price"),
        "rails": lambda: catalogue.rails(wishes={n: RailWish(limit=20) for n in range(3)}, at=AT),
        "rewards": lambda: rewards(channel="h5", at=AT, member_id=member.pk, limit=100),
    }
    first, *_ = (a_sku(redeem_points=100) for _ in range(3))
    detail = {
        "product": lambda: product_detail(product_id=first.product_id, channel="h5", at=AT, member_id=member.pk),
        "reward": lambda: reward_detail(product_id=first.product_id, channel="h5", at=AT, member_id=member.pk),
    }
    three = {name: queries(act) for name, act in (pages | detail).items()}
    for _ in range(57):
        a_sku(redeem_points=100)
    for number in range(20):
        Sku.objects.create(product=first.product, code=f"more-{number}", price_cents=100, redeem_points=10)
    assert len(catalogue.feed(at=AT, limit=100).products) == 60
    assert {name: queries(act) for name, act in (pages | detail).items()} == three
    assert three["feed"] == 2


def test_home_and_member_centre_are_made_of_blocks(shop: None) -> None:
    assert [block.kind for block in placements(page="home")] == [
        "banner",
        "member_strip",
        "shortcuts",
        "campaign_notices",
        "points_rail",
        "product_rail",
        "product_feed",
    ]
    assert [block.kind for block in placements(page="member_centre")] == [
        "tier_card",
        "assets",
        "order_counts",
        "check_in_week",
        "benefits",
        "shortcuts",
    ]
