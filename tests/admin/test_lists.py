"""Every list of the back office, derived from the registry: searched, filtered, exported, and of use when empty."""

from typing import Any

import pytest
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from config.core.admin import spreadsheets
from config.core.admin.spreadsheets import SpreadsheetExport
from mall.models import Category, Product, Stock
from tests.admin.conftest import ClientWith
from tests.admin.test_every_page import REGISTERED, admin, labels, page
from tests.mall.builders import a_sku

FEW = "a merchant has a handful of them"
INTERNAL = "for whoever looks into a fault, one row at a time"
NOT_SEARCHED = {"mall.PageBlock": FEW}
NOT_FILTERED = {"mall.Store": FEW, "members.Tier": FEW, "auth.Group": FEW}
NOT_EXPORTED = {
    "mall.PageBlock": FEW,
    "auth.Group": FEW,
    "axes.AccessAttempt": INTERNAL,
    "outbox.Message": INTERNAL,
    "outbox.Delivery": INTERNAL,
}


def lacking(what: Any) -> set[str]:
    return {labels(model) for model in REGISTERED if not what(admin.site._registry[model])}


def test_every_list_is_searched_but_these() -> None:
    assert lacking(lambda one: one.search_fields) == set(NOT_SEARCHED)


def test_every_list_is_filtered_but_these() -> None:
    assert lacking(lambda one: one.list_filter) == set(NOT_FILTERED)


def test_every_list_is_exported_but_these() -> None:
    assert lacking(lambda one: isinstance(one, SpreadsheetExport)) == set(NOT_EXPORTED)


def test_every_list_says_what_to_do_when_it_is_empty() -> None:
    assert lacking(lambda one: getattr(one, "empty_text", "")) == set()


EXPORTED = [model for model in REGISTERED if labels(model) not in NOT_EXPORTED]


@pytest.mark.parametrize("model", EXPORTED, ids=labels)
def test_staff_without_the_right_get_no_file(model: type[Model], staff_with: ClientWith) -> None:
    assert staff_with().get(page(model, "export")).status_code == 403


def test_a_list_too_long_for_a_file_asks_for_a_filter(owner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    a_sku()
    a_sku()
    monkeypatch.setattr(spreadsheets, "MOST_ROWS", 1)
    response = owner.get(page(Stock, "export"), follow=True)
    assert response.redirect_chain == [(page(Stock, "changelist"), 302)]
    assert "请先用筛选缩小范围再导出" in response.content.decode()


def test_an_empty_list_says_what_to_do_and_an_empty_search_how_to_go_on(owner: Client) -> None:
    empty = owner.get(reverse("admin:mall_category_changelist")).content.decode()
    assert "还没有商品分类" in empty
    assert "先建几个分类，再把商品放进去" in empty
    Category.objects.create(name="茶", slug="tea")
    searched = owner.get(reverse("admin:mall_category_changelist"), {"q": "没有这个"}).content.decode()
    assert "没有符合条件的商品分类" in searched
    filtered = owner.get(reverse("admin:mall_product_changelist"), {"is_on_sale__exact": "1"}).content.decode()
    assert "没有符合条件的商品" in filtered
    assert Product.objects.count() == 0
