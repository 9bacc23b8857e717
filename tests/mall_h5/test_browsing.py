"""Looking around: every page answers, and bad addresses get a sentence."""

import pytest
from django.test import Client
from django.urls import reverse

from mall.models import Category, Product, Sku, Stock
from tests.mall_h5.conftest import Goods, sku_of

pytestmark = pytest.mark.django_db


def test_a_visitor_sees_the_home_page_with_goods(visitor: Client, goods: Goods) -> None:
    product = goods("明前龙井")
    page = visitor.get("/")
    assert page.status_code == 200
    assert reverse("mall:product", args=[product.pk]) in page.content.decode()


def test_an_empty_shop_still_has_a_home_page(visitor: Client) -> None:
    assert visitor.get("/").status_code == 200


def test_the_feed_continues_without_repeating(visitor: Client, goods: Goods) -> None:
    for number in range(25):
        goods(f"商品{number:02d}", position=number)
    first = visitor.get("/feed/", headers={"HX-Request": "true"}).content.decode()
    cursor = first.split("cursor=")[1].split('"')[0]
    second = visitor.get(f"/feed/?cursor={cursor}", headers={"HX-Request": "true"}).content.decode()
    names = [f"商品{number:02d}" for number in range(25)]
    assert [name for name in names if name in first] == names[:20]
    assert [name for name in names if name in second] == names[20:]
    assert "已经到底啦" in second


def test_the_feed_without_scripts_is_a_whole_page(visitor: Client, goods: Goods) -> None:
    goods()
    assert "<html" in visitor.get("/feed/").content.decode()


def test_a_forged_cursor_is_refused_with_a_sentence(visitor: Client, goods: Goods) -> None:
    goods()
    page = visitor.get("/feed/?cursor=hello", headers={"HX-Request": "true"})
    assert page.status_code == 400
    assert "toast" in page.headers["HX-Trigger"]


def test_categories_open_with_the_first_one(visitor: Client, goods: Goods, category: Category) -> None:
    goods("明前龙井")
    page = visitor.get("/categories/").content.decode()
    assert "明前龙井" in page
    assert 'aria-current="page"' in page


def test_categories_of_an_empty_shop_say_so(visitor: Client) -> None:
    page = visitor.get("/categories/")
    assert page.status_code == 200
    assert "店铺正在上架商品" in page.content.decode()


def test_an_unknown_category_is_not_found(visitor: Client) -> None:
    assert visitor.get("/categories/nothing/").status_code == 404


def test_search_finds_by_a_part_of_the_name_and_keeps_the_words(visitor: Client, goods: Goods) -> None:
    goods("明前龙井礼盒")
    goods("手冲咖啡")
    page = visitor.get("/search/", {"q": "龙井"}).content.decode()
    assert "明前龙井礼盒" in page
    assert "手冲咖啡" not in page
    assert 'value="龙井"' in page


@pytest.mark.parametrize(("sort", "order"), [("price", ["茶乙", "茶甲"]), ("-price", ["茶甲", "茶乙"])])
def test_search_sorts_by_price(visitor: Client, goods: Goods, sort: str, order: list[str]) -> None:
    goods("茶甲", cents=9_000)
    goods("茶乙", cents=1_000)
    page = visitor.get("/search/", {"q": "茶", "sort": sort}).content.decode()
    assert sorted(order, key=page.index) == order


def test_search_without_a_hit_says_what_to_do(visitor: Client, goods: Goods) -> None:
    goods("明前龙井")
    page = visitor.get("/search/", {"q": "手机"}).content.decode()
    assert "没有找到相关商品" in page
    assert 'value="手机"' in page


@pytest.mark.parametrize("query", ["龙" * 41, "龙\0井"])
def test_search_words_that_can_not_be_are_refused_with_a_sentence(visitor: Client, query: str) -> None:
    page = visitor.get("/search/", {"q": query})
    assert page.status_code == 422
    assert 'role="alert"' in page.content.decode()


@pytest.mark.parametrize("query", ["%", "_", "'; DROP", "\\", "<script>"])
def test_search_takes_signs_for_what_they_are(visitor: Client, goods: Goods, query: str) -> None:
    goods("明前龙井")
    page = visitor.get("/search/", {"q": query})
    assert page.status_code == 200
    assert "没有找到相关商品" in page.content.decode()
    assert "<script>alert" not in page.content.decode()


def test_a_product_shows_its_skus_and_the_sold_out_one_can_not_be_chosen(visitor: Client, goods: Goods) -> None:
    product = goods(labels=("250 克", "500 克"))
    Stock.objects.filter(sku=sku_of(product, "500 克")).update(available=0)
    page = visitor.get(f"/products/{product.pk}/").content.decode()
    assert f'value="{sku_of(product, "250 克").pk}" checked' in page
    assert f'value="{sku_of(product, "500 克").pk}" disabled' in page


def test_a_chosen_sku_shows_its_own_price(visitor: Client, goods: Goods) -> None:
    product = goods(labels=("250 克", "500 克"))
    big = sku_of(product, "500 克")
    Sku.objects.filter(pk=big.pk).update(price_cents=33_300)
    page = visitor.get(f"/products/{product.pk}/?sku={big.pk}").content.decode()
    assert "<i>¥</i>333<" in page


@pytest.mark.parametrize("sku", ["abc", "0", "-1", "9" * 30, "٣"])
def test_a_sku_that_is_none_of_the_product_shows_the_first(visitor: Client, goods: Goods, sku: str) -> None:
    product = goods()
    page = visitor.get(f"/products/{product.pk}/", {"sku": sku})
    assert page.status_code == 200
    assert f'value="{sku_of(product).pk}" checked' in page.content.decode()


def test_a_sold_out_product_says_so_and_offers_no_button(visitor: Client, goods: Goods) -> None:
    product = goods(stock=0)
    page = visitor.get(f"/products/{product.pk}/").content.decode()
    assert "已售罄" in page
    assert "立即购买" not in page


@pytest.mark.parametrize("number", ["1", str(2**63), "9" * 40])
def test_a_product_that_is_not_there_is_not_found(visitor: Client, number: str) -> None:
    assert visitor.get(f"/products/{number}/").status_code == 404


def test_a_product_off_sale_is_not_found(visitor: Client, goods: Goods) -> None:
    product = goods()
    Product.objects.filter(pk=product.pk).update(is_on_sale=False)
    assert visitor.get(f"/products/{product.pk}/").status_code == 404


def test_names_and_descriptions_are_escaped(visitor: Client, goods: Goods) -> None:
    product = goods("<script>alert(1)</script>", description="<img src=x onerror=alert(1)>")
    for path in ("/", "/categories/", "/search/?q=script", f"/products/{product.pk}/"):
        page = visitor.get(path).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page
