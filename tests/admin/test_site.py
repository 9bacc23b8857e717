"""The back office as a site: content policy, search, pages that members see, cost of lists."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mall.models import PageBlock
from tests.admin.conftest import ClientWith
from tests.admin.full_shop import with_phone
from tests.mall.builders import a_buyer, a_paid_order, a_sku

ADMIN_POLICY = {
    "default-src 'self'",
    "script-src 'self' 'unsafe-eval'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
}


def policy(client: Client, path: str) -> set[str]:
    return set(client.get(path)["Content-Security-Policy"].split("; "))


def test_the_policy_is_relaxed_under_the_back_office_alone(owner: Client) -> None:
    assert policy(owner, "/admin/") == ADMIN_POLICY
    assert policy(Client(), "/admin/login/?next=/admin/") == ADMIN_POLICY
    for path in ("/", "/login/"):
        members = policy(Client(), path)
        assert not [rule for rule in members if "unsafe-eval" in rule]
        assert "style-src 'self'" in members


# ── search ──


def found(client: Client, text: str) -> list[tuple[str, str]]:
    response = client.get(reverse("admin:search"), {"s": text, "extended": "1"})
    assert response.status_code == 200
    return [(hit.title, hit.description) for hit in response.context["results"]] if response.content else []


def test_search_finds_pages_orders_members_and_products(owner: Client) -> None:
    member = with_phone(a_buyer())
    order = a_paid_order(member, (a_sku(name="明前龙井"), 1))
    assert ("库存", "商品与订单") in found(owner, "库存")
    assert found(owner, order.number) == [(order.number, "订单")]
    assert found(owner, "5678") == [(f"小杉（{member.number}）", "会员")]
    assert found(owner, "龙井") == [("明前龙井", "商品")]


@pytest.mark.parametrize("text", ["", " ", "\x00", "没有这个", "%", "'", "x" * 5000])
def test_odd_searches_find_nothing_and_break_nothing(owner: Client, text: str) -> None:
    assert found(owner, text) == []


def test_search_is_bounded_and_keeps_to_rights(owner: Client, staff_with: ClientWith) -> None:
    for number in range(12):
        a_sku(name=f"龙井 {number}")
    assert len(found(owner, "龙井")) == 8
    assert found(staff_with("mall.view_order"), "龙井") == []
    assert found(staff_with("mall.view_order"), "会员") == []


# ── lists cost the same whatever their length ──


def a_sold_product() -> None:
    a_paid_order(a_buyer(points=10), (a_sku(), 1))


def cost(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        response = client.get(path)
    assert response.status_code == 200
    return len(captured)


def test_lists_cost_the_same_with_10_rows_and_with_60(owner: Client) -> None:
    lists = [
        reverse(f"admin:{name}_changelist")
        for name in ("mall_order", "mall_product", "members_member", "mall_stock", "mall_payment", "points_entry")
    ]
    exports = [reverse(f"admin:{name}_export") for name in ("mall_order", "mall_product", "members_member")]
    for _ in range(10):
        a_sold_product()
    for path in [*lists, *exports]:
        owner.get(path)
    few = {path: cost(owner, path) for path in [*lists, *exports]}
    for _ in range(50):
        a_sold_product()
    many = {path: cost(owner, path) for path in [*lists, *exports]}
    assert many == few
    assert max(few.values()) <= 14


# ── pages of the shop ──


def block_page(client: Client, kind: str, config: str) -> Any:
    block = PageBlock.objects.filter(kind=kind).first()
    assert block is not None
    page = reverse("admin:mall_pageblock_change", args=[block.pk])
    return client.post(
        page, {"page": block.page, "kind": kind, "config": config, "position": block.position, "is_enabled": "on"}
    )


def test_a_block_shows_its_config_in_readable_lines_and_saves_it(owner: Client) -> None:
    block = PageBlock.objects.filter(kind="product_rail").first()
    assert block is not None
    assert block_page(owner, "product_rail", '{"title": "本周热卖", "limit": 6}').status_code == 302
    block.refresh_from_db()
    assert block.config == {"title": "本周热卖", "limit": 6}
    page = owner.get(reverse("admin:mall_pageblock_change", args=[block.pk])).context["adminform"].form["config"]
    assert page.value() == '{\n  "limit": 6,\n  "title": "本周热卖"\n}'


@pytest.mark.parametrize(
    ("kind", "config", "sentence"),
    [
        ("product_rail", "{", "不是有效的 JSON"),
        ("product_rail", "[1]", "配置应为 JSON 对象"),
        ("product_rail", '{"limit": "六"}', "「limit」应为整数"),
        ("product_rail", '{"limt": 6}', "配置有不认识的项：limt"),
        ("banner", "{}", "配置缺少：items"),
        ("shortcuts", '{"look": "big", "items": []}', "「look」应为其中之一：art、icon"),
    ],
)
def test_a_config_that_would_break_the_page_is_refused(owner: Client, kind: str, config: str, sentence: str) -> None:
    before = list(PageBlock.objects.order_by("pk").values_list("config", flat=True))
    response = block_page(owner, kind, config)
    assert response.status_code == 200
    assert sentence in response.content.decode().replace("&quot;", '"')
    assert list(PageBlock.objects.order_by("pk").values_list("config", flat=True)) == before


def test_every_default_block_keeps_to_its_own_schema(owner: Client) -> None:
    for block in PageBlock.objects.order_by("pk"):
        page = reverse("admin:mall_pageblock_change", args=[block.pk])
        form = owner.get(page).context["adminform"].form
        data = {name: form[name].value() for name in ("page", "kind", "config", "position")}
        assert owner.post(page, {**data, "is_enabled": "on"}).status_code == 302, block.kind
