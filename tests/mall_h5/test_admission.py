"""Goods for some members alone, and goods that open later: what pages say to whom."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from mall.models import CartLine, Product
from mall.selectors.admission import opening
from members.models import Address, Benefit, Member, Tier
from tests.mall_h5.conftest import Goods, client_of, new_member, sku_of
from tests.members.plans.factories import a_plan

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def gold(db: None) -> Client:
    return client_of(of_tier("gold", phone="13800000005"))


def of_tier(code: str, *, phone: str) -> Member:
    member = new_member(phone=phone)
    Member.objects.filter(pk=member.pk).update(tier=Tier.objects.get(code=code))
    return member


@pytest.fixture
def exclusive(goods: Goods) -> Product:
    return goods("会员礼盒", points=100, is_exclusive=True, exclusive_tier=Tier.objects.get(code="gold"))


def page_of(client: Client, path: str, *, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, path
    return answer.content.decode()


def lists_of(product: Product) -> list[str]:
    return ["/feed/", f"/categories/{product.category.slug}/", "/search/?q=礼盒", "/points-mall/"]


def test_lists_say_for_whom_it_is_and_offer_no_quick_button_to_others(
    buyer: Client, gold: Client, visitor: Client, exclusive: Product
) -> None:
    for path in lists_of(exclusive):
        for client in (visitor, buyer, gold):
            assert "黄金会员及以上专享" in page_of(client, path), path
    quick = f"/cart/add/{sku_of(exclusive).pk}/"
    assert [quick in page_of(client, "/feed/") for client in (visitor, buyer, gold)] == [False, False, True]


def test_the_product_page_says_who_may_buy_and_leads_to_the_tiers(
    buyer: Client, gold: Client, visitor: Client, exclusive: Product
) -> None:
    path = f"/products/{exclusive.pk}/"
    for client in (visitor, buyer):
        page = page_of(client, path)
        assert "仅限黄金会员及以上购买" in page
        assert 'href="/benefits/"' in page
        assert "立即购买" not in page
    mine = page_of(gold, path)
    assert ("立即购买" in mine, "仅限" in mine, "黄金会员及以上专享" in mine) == (True, False, True)


def test_a_plans_product_leads_to_the_plans(buyer: Client, goods: Goods) -> None:
    product = goods("年卡礼盒", is_exclusive=True, exclusive_plan=a_plan())
    page = page_of(buyer, f"/products/{product.pk}/")
    assert ("仅限年度会员购买" in page, 'href="/membership/plans/"' in page) == (True, True)


def test_every_way_into_the_basket_is_refused_with_the_sentence(
    buyer: Client, address: Address, exclusive: Product
) -> None:
    sku = sku_of(exclusive).pk
    sentence = "「会员礼盒」仅限黄金会员及以上购买"
    added = buyer.post("/cart/add/", {"sku": sku, "quantity": 1, "product": exclusive.pk})
    assert (added.status_code, sentence in added.content.decode()) == (422, True)
    quick = buyer.post(f"/cart/add/{sku}/", headers=HTMX)
    assert (quick.status_code, "toast" in quick.headers["HX-Trigger"]) == (422, True)
    at_once = page_of(buyer, f"/checkout/?sku={sku}&quantity=1", status=422)
    assert (sentence in at_once, 'href="/benefits/"' in at_once) == (True, True)
    reward = page_of(buyer, f"/points-mall/{exclusive.pk}/redeem/?sku={sku}&quantity=1", status=422)
    assert sentence in reward
    assert CartLine.objects.count() == 0


def test_a_line_of_who_fell_meanwhile_says_why_and_where_to_go(exclusive: Product, goods: Goods) -> None:
    member = of_tier("gold", phone="13800000006")
    client = client_of(member)
    client.post("/cart/add/", {"sku": sku_of(exclusive).pk, "quantity": 1})
    Member.objects.filter(pk=member.pk).update(tier=Tier.objects.get(code="silver"))
    page = page_of(client, "/cart/")
    assert "仅限黄金会员及以上购买" in page
    assert 'href="/benefits/"' in page
    assert "还没有选商品" in page


def test_who_has_early_access_buys_while_others_read_when_it_opens(
    buyer: Client, gold: Client, visitor: Client, goods: Goods
) -> None:
    Benefit.objects.create(tier=Tier.objects.get(code="gold"), kind="early_access", value=24, title="提前购")
    opens = timezone.now() + timedelta(hours=20)
    product = goods("新茶", on_sale_from=opens)
    for client in (visitor, buyer):
        page = page_of(client, f"/products/{product.pk}/")
        assert (f"{opening(opens)} 开售" in page, "立即购买" in page) == (True, False)
        assert f"{opening(opens)} 开售" in page_of(client, "/feed/")
    mine = page_of(gold, f"/products/{product.pk}/")
    assert (f"你可提前购买，{opening(opens)} 公开开售" in mine, "立即购买" in mine) == (True, True)
    refused = buyer.post("/cart/add/", {"sku": sku_of(product).pk, "quantity": 1}, headers=HTMX)
    assert refused.status_code == 409
    assert gold.post("/cart/add/", {"sku": sku_of(product).pk, "quantity": 1}, headers=HTMX).status_code == 200
