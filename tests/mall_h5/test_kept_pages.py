"""What processes keep for many, each viewer sees as if it had been made for them alone."""

import re
from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from django.middleware.csrf import _unmask_cipher_token
from django.test import Client
from django.test.utils import CaptureQueriesContext

from config.core.keeping import forget_all
from mall.models import Product, Sku
from members.models import Benefit, Member, Tier
from tests.mall_h5.conftest import Goods, client_of, new_member, sku_of

pytestmark = pytest.mark.django_db
TOKEN = re.compile(r'(?:csrfmiddlewaretoken" value="|X-CSRFToken":")(\w{64})')
MOMENT = re.compile(r'data-now="\d+"')


@pytest.fixture(autouse=True)
def shelves(settings) -> Iterator[None]:
    """Keep what is shared for longer than a test takes."""
    settings.SHELF_SECONDS = 600
    forget_all()
    yield
    forget_all()


@pytest.fixture
def viewers(db: None) -> dict[str, Client]:
    """A visitor, members of a plain and of a discounted tier, and one who likes it dark."""
    diamond = new_member(phone="13800000009")
    Member.objects.filter(pk=diamond.pk).update(tier=Tier.objects.get(code="diamond"))
    dark = client_of(new_member(phone="13800000007"))
    dark.cookies["theme"] = "dark"
    bronze = client_of(new_member(phone="13800000008"))
    return {"visitor": Client(), "bronze": bronze, "diamond": client_of(diamond), "dark": dark}


@pytest.fixture
def product(goods: Goods) -> Product:
    for number in range(3):
        goods(f"商品{number}", points=100, position=number)
    return Product.objects.order_by("pk")[0]


def paths(product: Product) -> list[str]:
    category = f"/categories/{product.category.slug}/"
    return ["/", category, "/search/?q=商品", "/search/?q=商品&sort=price", f"/products/{product.pk}/", "/me/"]


def page_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def without_tokens(page: str) -> str:
    for token in TOKEN.findall(page):
        page = page.replace(token, "")
    return MOMENT.sub("", page)


def test_a_kept_page_is_what_its_viewer_would_be_shown_anew(viewers: dict[str, Client], product: Product) -> None:
    for path in paths(product):
        anew = {}
        for name, client in viewers.items():
            forget_all()
            anew[name] = without_tokens(page_of(client, path))
        forget_all()
        for name, client in [*viewers.items(), *reversed(viewers.items())]:
            assert without_tokens(page_of(client, path)) == anew[name], (name, path)


def test_each_tier_reads_its_own_price(viewers: dict[str, Client], product: Product) -> None:
    Sku.objects.update(price_cents=10_000)
    for path in paths(product)[:-1]:
        prices = {name: set(re.findall(r"¥</i>(\d+)<", page_of(client, path))) for name, client in viewers.items()}
        assert prices["bronze"] == prices["visitor"] == prices["dark"] == {"100"}, path
        assert prices["diamond"] == {"95"}, path


def test_every_form_token_in_a_page_is_its_viewers_own(viewers: dict[str, Client], product: Product) -> None:
    seen: set[str] = set()
    for path in paths(product):
        for client in viewers.values():
            tokens = TOKEN.findall(page_of(client, path))
            assert tokens, path
            secret = client.cookies["csrftoken"].value
            assert {_unmask_cipher_token(token) for token in tokens} == {secret}, path
            assert not seen & set(tokens)
            seen |= set(tokens)


def test_what_is_one_members_is_never_kept(
    viewers: dict[str, Client], product: Product, buyer: Client, give_points: Callable[[int], None]
) -> None:
    assert "0 积分可用" in page_of(buyer, "/")
    give_points(1_234)
    assert "1,234 积分可用" in page_of(buyer, "/")
    assert "1,234 积分可用" not in page_of(viewers["bronze"], "/")
    page_of(buyer, "/me/")
    buyer.post("/cart/add/", {"sku": sku_of(product).pk, "quantity": 3})
    assert '<em>3<span class="vh"> 件</span></em>' in page_of(buyer, "/me/")
    assert '<em>3<span class="vh"> 件</span></em>' not in page_of(viewers["bronze"], "/me/")


def test_pages_that_many_share_ask_only_who_looks_and_for_the_cart(buyer: Client, product: Product) -> None:
    for path in paths(product)[1:-1]:
        page_of(buyer, path)
        with CaptureQueriesContext(connection) as asked:
            page_of(buyer, path)
        assert len(asked) == 2, path
        assert ["members_user" in asked[0]["sql"], "mall_cartline" in asked[1]["sql"]] == [True, True], path


def test_a_frozen_member_is_a_visitor_at_once(buyer: Client, member: Member, product: Product) -> None:
    assert "欢迎光临" not in page_of(buyer, "/me/")
    Member.objects.filter(pk=member.pk).update(status=Member.Status.FROZEN)
    assert "欢迎光临" in page_of(buyer, "/me/")


def test_a_member_price_is_not_kept_for_who_has_no_such_benefit(viewers: dict[str, Client], product: Product) -> None:
    Benefit.objects.create(tier=Tier.objects.get(code="diamond"), kind="member_price", title="会员价")
    Sku.objects.update(price_cents=10_000, member_price_cents=7_700)
    paying, others = re.compile(r"¥</i>77<"), re.compile(r"¥</i>100<")
    for path in paths(product)[:-1]:
        for name in ("diamond", "visitor", "bronze", "diamond", "dark"):
            page = page_of(viewers[name], path)
            is_paying = name == "diamond"
            assert (bool(paying.search(page)), bool(others.search(page))) == (is_paying, not is_paying), (name, path)
            assert ("会员价 ¥77" in page) is not is_paying, (name, path)


def test_who_may_buy_is_kept_apart_from_who_may_not(viewers: dict[str, Client], product: Product) -> None:
    Product.objects.update(is_exclusive=True, exclusive_tier=Tier.objects.get(code="diamond"))
    page = f"/products/{product.pk}/"
    for name in ("diamond", "bronze", "visitor", "diamond"):
        assert ("立即购买" in page_of(viewers[name], page)) is (name == "diamond"), name
        quick = re.search(r"/cart/add/\d+/", page_of(viewers[name], paths(product)[1]))
        assert bool(quick) is (name == "diamond"), name
