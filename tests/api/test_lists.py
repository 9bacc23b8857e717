"""Lists: cursors that reach every row once, sorts and filters, and pages made of blocks."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from config.core.blocks import kinds
from mall.models import Order, OrderLine, Sku, Store
from members.models import Member
from tests.api.conftest import Api, Goods, give_points

pytestmark = pytest.mark.django_db


@pytest.fixture
def fill(member: Member, goods: Goods) -> dict[str, Callable[[int], object]]:
    """Ways to make more rows of each kind."""

    def an_order(number: int, sku: Sku) -> None:
        order = Order.objects.create(
            number=f"{number:016d}",
            member=member,
            store=Store.objects.get(is_default=True),
            channel="h5",
            goods_cents=0,
            payable_cents=0,
            created_at=timezone.now(),
            expires_at=timezone.now(),
        )
        OrderLine.objects.create(
            order=order, sku=sku, product_name="茶", quantity=1, unit_price_cents=0, goods_cents=0, paid_cents=0
        )

    return {
        "products": lambda n: goods(f"茶 {n}"),
        "rewards": lambda n: goods(f"礼 {n}", points=100 + n),
        "orders": lambda n: an_order(n, goods(f"茶 {n}")),
        "entries": lambda n: give_points(member, 10, key=f"gift-{n}"),
    }


@pytest.mark.parametrize(
    ("rows", "path"),
    [("products", "products/"), ("rewards", "rewards/"), ("orders", "orders/"), ("entries", "points/entries/")],
)
def test_a_cursor_reaches_every_row_once(api: Api, fill: dict[str, Callable[[int], object]], rows: str, path: str):
    for number in range(7):
        fill[rows](number)
    seen: list[Any] = []
    cursor, sizes = "", []
    while True:
        page = api.get(path, {"limit": "3", "cursor": cursor}).json()
        seen += [item.get("id") or item["number"] for item in page["items"]]
        sizes.append(len(page["items"]))
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert sizes == [3, 3, 1]
    assert len(set(seen)) == 7


@pytest.mark.parametrize("sort", ["", "sales", "price", "-price", "new"])
def test_products_come_in_the_order_that_was_asked_for(api: Api, goods: Goods, sort: str):
    rows = [
        goods(f"茶 {n}", cents=cents, sold_count=sold, position=n)
        for n, (cents, sold) in enumerate(((300, 1), (100, 3), (200, 2)))
    ]
    by = {
        "": [0, 1, 2],
        "sales": [1, 2, 0],
        "price": [1, 2, 0],
        "-price": [0, 2, 1],
        "new": [2, 1, 0],
    }
    found = api.get("products/", {"sort": sort}).json()["items"]
    assert [item["id"] for item in found] == [rows[number].product_id for number in by[sort]]


def test_products_are_narrowed_down_by_category_words_and_redeemability(api: Api, goods: Goods):
    green, gift = goods("明前龙井 绿茶"), goods("茶礼", points=100)
    goods("咖啡豆", is_on_sale=False)

    def found(**query: str) -> list[int]:
        return [item["id"] for item in api.get("products/", query).json()["items"]]

    assert found() == [green.product_id, gift.product_id]
    assert found(search="茶 龙井") == [green.product_id]
    assert found(search="100%") == []
    assert found(redeemable="true") == [gift.product_id]
    assert found(category="coffee") == []
    assert found(category="tea", redeemable="false") == [green.product_id]


def test_pages_are_lists_of_blocks_with_values_for_whoever_looks(api: Api, visitor: Api, goods: Goods):
    goods()
    seen = {
        (page, caller): [block["kind"] for block in who.get(f"pages/{page}/").json()]
        for page in ("home", "member-centre")
        for caller, who in (("member", api), ("visitor", visitor))
    }
    assert "product_feed" in seen["home", "visitor"]
    assert {"tier_card", "assets", "order_counts"} <= set(seen["member-centre", "member"])
    assert {"tier_card", "assets", "order_counts"} & set(seen["member-centre", "visitor"]) == set()
    assert all(block["values"] for block in api.get("pages/member-centre/").json())
    strips = [who.get("pages/home/").json()[1]["values"] for who in (visitor, api)]
    assert (strips[0], strips[1]["card"]["name"]) == ({"is_guest": True}, "青铜会员")


def test_the_feed_of_a_page_goes_on_in_the_product_list(visitor: Api, goods: Goods):
    for number in range(25):
        goods(f"茶 {number}")
    (feed,) = [one["values"] for one in visitor.get("pages/home/").json() if one["kind"] == "product_feed"]
    rest = visitor.get("products/", {"cursor": feed["next_cursor"]}).json()
    seen = [product["id"] for product in (*feed["products"], *rest["items"])]
    assert (len(seen), len(set(seen)), rest["next_cursor"]) == (25, 25, "")


def test_every_kind_of_block_has_its_words_in_the_api():
    assert [kind.kind for kind in kinds() if kind.output is None] == []


def test_members_see_their_price_and_visitors_the_shops(api: Api, visitor: Api, member: Member, goods: Goods):
    from members.models import Tier

    Member.objects.filter(pk=member.pk).update(tier=Tier.objects.get(code="diamond"))
    product = goods(cents=10_000).product_id
    seen = [one.get(f"products/{product}/").json()["skus"][0] for one in (api, visitor)]
    assert [(sku["price_cents"], sku["list_price_cents"]) for sku in seen] == [(9500, 10_000), (10_000, None)]
