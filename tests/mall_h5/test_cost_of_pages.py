"""What pages cost: queries that don't grow with the shop, few bytes, no inline script or style."""

import gzip
import re
from collections.abc import Callable
from pathlib import Path

import django_htmx
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mall.models import Product
from members.models import Address
from tests.mall_h5.conftest import Goods, sku_of

pytestmark = pytest.mark.django_db
FRAME = 2  # the member of the session, the cart's count
MOST = {"home": 20, "member centre": 14}  # composed of blocks of several rooms
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
    return len(_without_session(captured))


def _without_session(captured: CaptureQueriesContext) -> list[str]:
    """What the page asks; who is signed in is asked by every site's middleware."""
    known = ("django_session", "members_user", "SAVEPOINT")
    return [q["sql"] for q in captured.captured_queries if not any(name in q["sql"] for name in known)]


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
    fill: Callable[[int], Product], buyer: Client, address: Address, give_points: Callable[[int], None]
) -> None:
    """Apart from the frame: who is signed in, and the cart's count."""
    give_points(5_000)
    product = fill(3)
    asked = {name: queries_of(buyer, path) - FRAME for name, path in paths(product).items()}
    assert {name: count for name, count in asked.items() if count > MOST.get(name, 9)} == {}


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
