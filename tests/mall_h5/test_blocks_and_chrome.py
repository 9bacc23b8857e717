"""Blocks, the frame around every page, and the look."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from config.core.blocks import Placement, Viewer, kind_named
from mall.blocks import KINDS
from mall.h5.chrome import badge, chrome
from mall.models import CartLine, PageBlock
from members.models import Member
from tests.mall_h5.conftest import LONG_AGO, Goods, sku_of

pytestmark = pytest.mark.django_db
NOBODY = Viewer(member_id=None, at=datetime(2026, 11, 18, 4, tzinfo=UTC))
RAIL = {"title": "橱窗", "category": "", "limit": 2}


def placements(kind: str, *configs: dict[str, object]) -> list[Placement]:
    return [Placement(id=number, kind=kind, config=config) for number, config in enumerate(configs, start=1)]


def queries_of(kind: str, viewer: Viewer, *configs: dict[str, object]) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        kind_named(kind).load(placements(kind, *configs), viewer)
    return len(captured)


@pytest.mark.parametrize("kind", [kind.kind for kind in KINDS])
def test_a_kind_asks_as_much_for_three_placements_as_for_one(kind: str, goods: Goods, member: Member) -> None:
    for number in range(4):
        goods(f"商品{number}", points=100)

    def queries(*configs: dict[str, object]) -> int:
        return queries_of(kind, Viewer(member_id=member.pk, at=NOBODY.at), *configs)

    assert queries(RAIL) == queries(RAIL, RAIL, {**RAIL, "category": "tea"})


def test_blocks_of_one_page_ask_once_who_is_looking(goods: Goods, member: Member) -> None:
    goods()
    viewer = Viewer(member_id=member.pk, at=NOBODY.at)
    first = queries_of("product_feed", viewer, {})
    assert queries_of("product_feed", viewer, {}) == first - 1  # the standing


def test_each_rail_has_its_own_goods(goods: Goods) -> None:
    for number in range(4):
        goods(f"商品{number}", sold_count=number)
    rails = kind_named("product_rail").load(placements("product_rail", RAIL, {**RAIL, "limit": 1}), NOBODY)
    assert [product["name"] for product in rails[1]["products"]] == ["商品3", "商品2"]
    assert [product["name"] for product in rails[2]["products"]] == ["商品3"]


@pytest.mark.parametrize("kind", ["product_rail", "points_rail", "product_feed", "order_counts", "banner", "shortcuts"])
def test_a_block_with_nothing_to_show_is_left_out(kind: str) -> None:
    assert kind_named(kind).load(placements(kind, {}), NOBODY) == {}


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "/\t/evil.example/",
        "javascript:alert(1)",
        "",
        None,
    ],
)
def test_a_banner_never_leads_out_of_the_shop(link: str | None) -> None:
    items = [{"title": "活动", "href": link}]
    assert kind_named("banner").load(placements("banner", {"items": items}), NOBODY)[1]["slides"][0]["link"] == "/"


@pytest.mark.parametrize("limit", ["many", None, 0, -3, 10**9])
def test_a_limit_that_makes_no_sense_is_bounded(goods: Goods, limit: object) -> None:
    goods()
    config = {"title": "橱窗", "limit": limit}
    assert len(kind_named("product_rail").load(placements("product_rail", config), NOBODY)[1]["products"]) == 1


def test_a_placement_of_an_unknown_kind_does_not_break_the_page(visitor: Client) -> None:
    PageBlock.objects.create(page="home", kind="gone", position=0)
    assert visitor.get("/").status_code == 200


def test_a_disabled_block_is_not_shown(visitor: Client, goods: Goods) -> None:
    goods()
    PageBlock.objects.filter(page="home", kind="product_feed").update(is_enabled=False)
    assert "为你推荐" not in visitor.get("/").content.decode()


def test_the_tab_bar_shows_where_we_are_and_what_is_in_the_cart(buyer: Client, member: Member, goods: Goods) -> None:
    CartLine.objects.create(member=member, sku=sku_of(goods()), quantity=3, seen_price_cents=10_000, added_at=LONG_AGO)
    page = buyer.get("/categories/").content.decode()
    assert '<a href="/categories/" aria-current="page">' in page
    assert '<em>3<span class="vh"> 件</span></em>' in page


@pytest.mark.parametrize(("count", "shown"), [(0, ""), (1, "1"), (99, "99"), (100, "99+")])
def test_a_badge_stays_small(count: int, shown: str) -> None:
    assert badge(count) == shown


def test_a_visitor_has_no_cart_count(visitor: Client) -> None:
    assert "<em>" not in visitor.get("/categories/").content.decode()


def test_the_frame_costs_a_visitor_no_query_and_a_member_one(visitor: Client, buyer: Client) -> None:
    request = RequestFactory().get("/")
    request.user = buyer.get("/cart/").wsgi_request.user
    request.session = buyer.session
    request.resolver_match = None
    with CaptureQueriesContext(connection) as captured:
        chrome(request)
    assert len(captured) <= 2  # the member of the session, and the cart


@pytest.mark.parametrize("path", ["/admin/", "/api/v1/schema/"])
def test_the_back_office_and_the_api_have_no_frame(path: str) -> None:
    assert chrome(RequestFactory().get(path)) == {}


def test_a_theme_is_kept_on_the_device(visitor: Client) -> None:
    assert 'data-theme="auto"' in visitor.get("/me/").content.decode()
    answer = visitor.post("/theme/", {"theme": "dark"}, headers={"Referer": "http://testserver/me/"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "http://testserver/me/")
    assert 'data-theme="dark"' in visitor.get("/").content.decode()


@pytest.mark.parametrize("theme", ["", "pink", '"><script>'])
def test_an_unknown_theme_is_refused(visitor: Client, theme: str) -> None:
    assert visitor.post("/theme/", {"theme": theme}).status_code == 422
    visitor.cookies["theme"] = theme
    assert 'data-theme="auto"' in visitor.get("/").content.decode()


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "abc", ""])
def test_the_theme_never_leads_out_of_the_shop(visitor: Client, elsewhere: str) -> None:
    answer = visitor.post("/theme/", {"theme": "dark"}, headers={"Referer": elsewhere})
    assert answer.headers["Location"] == "/me/"


def test_a_visitor_is_invited_into_the_member_centre(visitor: Client) -> None:
    page = visitor.get("/me/").content.decode()
    assert "登录 / 注册" in page
    assert "我的订单" not in page


def test_a_member_sees_orders_and_can_sign_out(buyer: Client) -> None:
    page = buyer.get("/me/").content.decode()
    assert "我的订单" in page
    assert "退出登录" in page
