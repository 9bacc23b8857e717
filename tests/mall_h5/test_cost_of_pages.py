"""What pages cost: queries that don't grow with the shop, few bytes, no inline script or style."""

import gzip
import re
from collections.abc import Callable
from pathlib import Path

import django_htmx
import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from campaigns.services.presets import install_presets
from mall.models import Category, Product, Sku, Stock, Store
from mall.selectors.pages import placements
from members.models import Address
from tests.campaigns.rows import a_campaign
from tests.mall_h5.conftest import LONG_AGO, Goods, sku_of

pytestmark = pytest.mark.django_db
MOST = 8
MOST_OF_COMPOSED = 6  # and one for each kind of block
COMPOSED = {"home": "home", "member centre": "member_centre"}
HTMX_SCRIPT = Path(django_htmx.__file__).parent / "static/django_htmx/htmx-2.min.js"


def paths(product: Product) -> dict[str, str]:
    sku = sku_of(product).pk
    return {
        "home": "/",
        "feed": "/feed/",
        "category": "/categories/",
        "search": "/search/?q=商品",
        "product": f"/products/{product.pk}/",
        "points mall": "/points-mall/",
        "reward": f"/points-mall/{product.pk}/",
        "cart": "/cart/",
        "checkout": f"/checkout/?sku={sku}&quantity=1",
        "cart's checkout": "/checkout/",
        "redeem": f"/points-mall/{product.pk}/redeem/?sku={sku}&quantity=1",
        "orders": "/orders/",
        "member centre": "/me/",
    }


@pytest.fixture
def fill(goods: Goods, buyer: Client) -> Callable[[int], Product]:
    """Fill the shop and the cart up to so many products."""

    def until(count: int) -> Product:
        for number in range(Product.objects.count(), count):
            sku = sku_of(goods(f"商品{number:02d}", points=100, position=number, labels=("标准", "大份")))
            buyer.post("/cart/add/", {"sku": sku.pk, "quantity": 1})
        return Product.objects.order_by("pk")[0]

    return until


def queries_of(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200, path
    return len(captured)


@pytest.fixture
def campaigns(db: None) -> None:
    """The presets, and a campaign that asks for a tier, so that tiers have to be named."""
    with transaction.atomic():
        install_presets(at=LONG_AGO, live_from=LONG_AGO)
    a_campaign(
        trigger="basket",
        conditions=[{"kind": "tier_in", "tiers": ["gold"]}],
        effects=[{"kind": "money_off", "cents": 300}],
    )


def stock_up(category: Category, until: int) -> None:
    """Fill the shop up to so many products at once."""
    numbers = range(Product.objects.count(), until)
    products = Product.objects.bulk_create(
        Product(category=category, name=f"商品{n:05d}", is_on_sale=True, is_redeemable=True, position=n)
        for n in numbers
    )
    skus = Sku.objects.bulk_create(
        Sku(product=product, code=f"bulk-{product.pk}-{label}", label=label, price_cents=9900, redeem_points=100)
        for product in products
        for label in ("标准", "大份")
    )
    store = Store.objects.get(is_default=True)
    Stock.objects.bulk_create(Stock(sku=sku, store=store, available=5) for sku in skus)


def most(name: str) -> int:
    """How many queries the page may ask, who is signed in and the cart's count among them."""
    if name not in COMPOSED:
        return MOST
    return MOST_OF_COMPOSED + len({placement.kind for placement in placements(page=COMPOSED[name])})


def test_no_page_asks_more_when_the_shop_grows(
    fill: Callable[[int], Product], buyer: Client, address: Address, give_points: Callable[[int], None]
) -> None:
    give_points(5_000)
    product = fill(3)
    few = {name: queries_of(buyer, path) for name, path in paths(product).items()}
    fill(60)
    many = {name: queries_of(buyer, path) for name, path in paths(product).items()}
    assert many == few


def test_pages_ask_few_questions(
    fill: Callable[[int], Product],
    buyer: Client,
    address: Address,
    give_points: Callable[[int], None],
    campaigns: None,
) -> None:
    give_points(5_000)
    product = fill(3)
    asked = {name: queries_of(buyer, path) for name, path in paths(product).items()}
    assert {name: count for name, count in asked.items() if count > most(name)} == {}


def test_visitors_cost_no_more(fill: Callable[[int], Product], visitor: Client, campaigns: None) -> None:
    open_to_all = {
        name: path
        for name, path in paths(fill(3)).items()
        if name in ("home", "feed", "category", "search", "product", "points mall", "reward", "member centre")
    }
    asked = {name: queries_of(visitor, path) for name, path in open_to_all.items()}
    assert {name: count for name, count in asked.items() if count > most(name)} == {}


def test_two_thousand_products_cost_what_a_hundred_do(
    fill: Callable[[int], Product],
    category: Category,
    buyer: Client,
    address: Address,
    give_points: Callable[[int], None],
    campaigns: None,
) -> None:
    give_points(5_000)
    product = fill(3)
    stock_up(category, 100)
    few = {name: queries_of(buyer, path) for name, path in paths(product).items()}
    stock_up(category, 2_000)
    many = {name: queries_of(buyer, path) for name, path in paths(product).items()}
    assert many == few


def test_pages_weigh_less_than_60_kb_before_images(
    fill: Callable[[int], Product], buyer: Client, address: Address, give_points: Callable[[int], None]
) -> None:
    give_points(5_000)
    product = fill(40)
    shared = [settings.BASE_DIR / "static/h5/h5.css", settings.BASE_DIR / "static/h5/h5.js", HTMX_SCRIPT]
    base = sum(len(gzip.compress(path.read_bytes())) for path in shared)
    weights = {name: base + len(gzip.compress(buyer.get(path).content)) for name, path in paths(product).items()}
    assert {name: weight for name, weight in weights.items() if weight > 60_000} == {}


def test_pages_carry_no_inline_script_style_or_handler(
    fill: Callable[[int], Product], buyer: Client, address: Address
) -> None:
    inline = re.compile(r"<script(?![^>]*\bsrc=)|<style\b|<[^>]+\son[a-z]+=|javascript:", re.IGNORECASE)
    for name, path in paths(fill(3)).items():
        answer = buyer.get(path)
        assert not inline.search(answer.content.decode()), name
        assert "script-src" not in answer.headers["Content-Security-Policy"]  # default-src 'self' holds
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]


def test_pictures_have_their_size_and_load_late(fill: Callable[[int], Product], buyer: Client) -> None:
    product = fill(3)
    for name, path in paths(product).items():
        for picture in re.findall(r"<img[^>]*>", buyer.get(path).content.decode()):
            assert re.search(r'\bwidth="\d+"', picture), (name, picture)
            assert re.search(r'\balt="', picture), (name, picture)
