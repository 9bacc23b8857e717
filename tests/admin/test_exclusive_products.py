"""Staff say for whom a product is and when it opens; the list can be asked for either."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from mall.models import Product
from members.models import Tier
from tests.admin.test_products import ADD, a_form
from tests.mall.builders import a_sku

pytestmark = pytest.mark.django_db
LIST = "/admin/mall/product/"


def test_a_product_is_set_apart_for_a_tier_and_a_time_of_shanghai(owner: Client) -> None:
    gold = Tier.objects.get(code="gold")
    opening = {"on_sale_from_0": "2026-12-01", "on_sale_from_1": "20:00:00"}
    assert owner.post(ADD, a_form(is_exclusive="on", exclusive_tier=gold.pk, **opening)).status_code == 302
    product = Product.objects.get()
    assert (product.is_exclusive, product.exclusive_tier, product.exclusive_plan) == (True, gold, None)
    assert product.on_sale_from.isoformat() == "2026-12-01T12:00:00+00:00"


def test_a_tier_without_the_mark_is_refused_in_chinese(owner: Client) -> None:
    answer = owner.post(ADD, a_form(exclusive_tier=Tier.objects.get(code="gold").pk))
    assert "指定了等级或套餐，请同时勾选「会员专享」" in answer.content.decode()
    assert Product.objects.count() == 0


def test_the_list_is_filtered_by_tier_and_by_opening(owner: Client) -> None:
    free, gold, later = (a_sku(name=name).product_id for name in ("人人可买", "黄金礼盒", "下周新茶"))
    Product.objects.filter(pk=gold).update(is_exclusive=True, exclusive_tier=Tier.objects.get(code="gold"))
    Product.objects.filter(pk=later).update(on_sale_from=timezone.now() + timedelta(days=7))

    def shown(query: str) -> set[int]:
        return {row.pk for row in owner.get(f"{LIST}?{query}").context["cl"].result_list}

    assert shown("is_exclusive__exact=1") == {gold}
    assert (shown("opening=later"), shown("opening=open")) == ({later}, {free, gold})
    page = owner.get(LIST).content.decode()
    assert ("黄金会员及以上" in page, "未开售" in page) == (True, True)
