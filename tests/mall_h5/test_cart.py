"""The cart: what a member does with it, and every way it says no."""

import json

import pytest
from django.test import Client

from mall.models import CartLine, Product, Sku, Stock
from members.models import Member
from tests.mall_h5.conftest import Goods, client_of, sku_of

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def cart_of(member: Member) -> list[tuple[int, int, bool]]:
    return list(CartLine.objects.filter(member=member).order_by("pk").values_list("sku_id", "quantity", "is_selected"))


def put(client: Client, sku: Sku, quantity: int = 1) -> CartLine:
    client.post("/cart/add/", {"sku": sku.pk, "quantity": quantity})
    return CartLine.objects.get(sku=sku)


def test_adding_answers_with_a_toast_and_the_new_count(buyer: Client, member: Member, goods: Goods) -> None:
    sku = sku_of(goods())
    answer = buyer.post("/cart/add/", {"sku": sku.pk, "quantity": 2}, headers=HTMX)
    assert answer.status_code == 200
    assert json.loads(answer.headers["HX-Trigger"]) == {"toast": {"text": "已加入购物车", "level": "success"}}
    assert ">2<" in answer.content.decode()
    assert cart_of(member) == [(sku.pk, 2, True)]


def test_adding_without_scripts_leads_to_the_cart(buyer: Client, member: Member, goods: Goods) -> None:
    sku = sku_of(goods())
    answer = buyer.post("/cart/add/", {"sku": sku.pk, "quantity": 1})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/cart/")
    assert cart_of(member) == [(sku.pk, 1, True)]


def test_the_round_button_of_a_card_adds_one(buyer: Client, member: Member, goods: Goods) -> None:
    sku = sku_of(goods())
    buyer.post(f"/cart/add/{sku.pk}/", headers=HTMX)
    buyer.post(f"/cart/add/{sku.pk}/", headers=HTMX)
    assert cart_of(member) == [(sku.pk, 2, True)]


@pytest.mark.parametrize(
    ("quantity", "sentence"),
    [
        ("0", "数量至少为 1"),
        ("-1", "数量至少为 1"),
        ("1000", "每次最多购买 99 件"),
        ("abc", "数量要写成整数"),
        ("1.5", "数量要写成整数"),
        ("", "请填写数量"),
        ("9" * 40, "每次最多购买 99 件"),
    ],
)
def test_a_bad_quantity_shows_the_product_again_with_a_sentence(
    buyer: Client, member: Member, goods: Goods, quantity: str, sentence: str
) -> None:
    product = goods()
    posted = {"product": product.pk, "sku": sku_of(product).pk, "quantity": quantity}
    for path in ("/cart/add/", "/buy/"):
        answer = buyer.post(path, posted)
        assert answer.status_code == 422
        assert sentence in answer.content.decode()
    assert cart_of(member) == []


@pytest.mark.parametrize("sku", ["", "abc", "-5", "0", "9" * 30])
def test_a_missing_sku_asks_to_choose_one(buyer: Client, member: Member, goods: Goods, sku: str) -> None:
    product = goods()
    answer = buyer.post("/cart/add/", {"product": product.pk, "sku": sku, "quantity": 1})
    assert answer.status_code == 422
    assert "请选择商品规格" in answer.content.decode()
    assert cart_of(member) == []


def test_a_refusal_by_htmx_is_a_toast_and_swaps_nothing(buyer: Client, goods: Goods) -> None:
    answer = buyer.post("/cart/add/", {"sku": sku_of(goods()).pk, "quantity": 0}, headers=HTMX)
    assert (answer.status_code, answer.headers["HX-Reswap"]) == (422, "none")
    assert json.loads(answer.headers["HX-Trigger"])["toast"] == {"text": "数量至少为 1", "level": "error"}


def test_more_than_the_stock_is_refused_with_what_is_left(buyer: Client, member: Member, goods: Goods) -> None:
    product = goods(stock=3)
    answer = buyer.post("/cart/add/", {"product": product.pk, "sku": sku_of(product).pk, "quantity": 4})
    assert answer.status_code == 409
    assert "仅剩 3 件" in answer.content.decode()
    assert cart_of(member) == []


def test_a_sku_that_is_gone_is_refused(buyer: Client, member: Member, goods: Goods) -> None:
    product = goods()
    Product.objects.filter(pk=product.pk).update(is_on_sale=False)
    answer = buyer.post("/cart/add/", {"sku": sku_of(product).pk, "quantity": 1})
    assert answer.status_code == 409
    assert "已下架" in answer.content.decode()
    assert cart_of(member) == []


def test_a_visitor_is_sent_to_the_log_in_and_back_to_the_product(visitor: Client, goods: Goods) -> None:
    product = goods()
    referer = f"http://testserver/products/{product.pk}/"
    answer = visitor.post("/cart/add/", {"sku": sku_of(product).pk, "quantity": 1}, headers={"Referer": referer})
    assert answer.headers["Location"] == f"/login/?next=%2Fproducts%2F{product.pk}%2F"
    answer = visitor.post(f"/cart/add/{sku_of(product).pk}/", headers=HTMX | {"Referer": referer})
    assert answer.headers["HX-Redirect"] == f"/login/?next=%2Fproducts%2F{product.pk}%2F"


def test_a_referer_of_another_site_is_not_returned_to(visitor: Client, goods: Goods) -> None:
    posted = {"sku": sku_of(goods()).pk, "quantity": 1}
    answer = visitor.post("/cart/add/", posted, headers={"Referer": "https://evil.example/x"})
    assert answer.headers["Location"] == "/login/?next=%2F"


@pytest.mark.parametrize("path", ["/cart/", "/checkout/", "/orders/"])
def test_pages_of_a_member_ask_a_visitor_to_log_in(visitor: Client, path: str) -> None:
    answer = visitor.get(path)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/login/?next=")


@pytest.mark.parametrize("path", ["/cart/add/", "/cart/add/1/", "/buy/", "/cart/select/", "/cart/lines/1/", "/theme/"])
def test_reading_never_writes(buyer: Client, path: str) -> None:
    assert buyer.get(path).status_code == 405


def test_writes_need_the_csrf_token(member: Member, goods: Goods) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(member.user)
    assert client.post("/cart/add/", {"sku": sku_of(goods()).pk, "quantity": 1}).status_code == 403
    assert cart_of(member) == []


def test_an_empty_cart_says_where_to_go(buyer: Client) -> None:
    assert "购物车还是空的" in buyer.get("/cart/").content.decode()


def test_quantity_selection_and_removal(buyer: Client, member: Member, goods: Goods) -> None:
    sku = sku_of(goods(cents=5_000))
    line = put(buyer, sku)
    page = buyer.post(f"/cart/lines/{line.pk}/", {"act": "quantity", "quantity": 3}, headers=HTMX).content.decode()
    assert "<i>¥</i>150<" in page
    assert cart_of(member) == [(sku.pk, 3, True)]
    page = buyer.post(f"/cart/lines/{line.pk}/", {"act": "select"}, headers=HTMX).content.decode()
    assert "还没有选商品" in page
    assert cart_of(member) == [(sku.pk, 3, False)]
    buyer.post("/cart/select/", {"selected": "on"}, headers=HTMX)
    assert cart_of(member) == [(sku.pk, 3, True)]
    page = buyer.post(f"/cart/lines/{line.pk}/", {"act": "remove"}, headers=HTMX).content.decode()
    assert "购物车还是空的" in page
    assert cart_of(member) == []


def test_changes_without_scripts_lead_back_to_the_cart(buyer: Client, goods: Goods) -> None:
    line = put(buyer, sku_of(goods()))
    answer = buyer.post(f"/cart/lines/{line.pk}/", {"act": "quantity", "quantity": 2})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/cart/")


@pytest.mark.parametrize("headers", [{}, HTMX])
@pytest.mark.parametrize(
    ("quantity", "sentence"), [("0", "数量至少为 1"), ("abc", "数量要写成整数"), ("", "请填写数量")]
)
def test_a_bad_line_quantity_changes_nothing_and_says_why(
    buyer: Client, member: Member, goods: Goods, quantity: str, sentence: str, headers: dict[str, str]
) -> None:
    sku = sku_of(goods())
    line = put(buyer, sku, 2)
    answer = buyer.post(f"/cart/lines/{line.pk}/", {"act": "quantity", "quantity": quantity}, headers=headers)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert cart_of(member) == [(sku.pk, 2, True)]


def test_a_line_quantity_beyond_the_stock_is_a_conflict(buyer: Client, member: Member, goods: Goods) -> None:
    sku = sku_of(goods(stock=5))
    line = put(buyer, sku, 2)
    answer = buyer.post(f"/cart/lines/{line.pk}/", {"act": "quantity", "quantity": 9})
    assert answer.status_code == 409
    assert "仅剩 5 件" in answer.content.decode()
    assert cart_of(member) == [(sku.pk, 2, True)]


def test_an_unknown_act_is_refused(buyer: Client, member: Member, goods: Goods) -> None:
    sku = sku_of(goods())
    line = put(buyer, sku)
    answer = buyer.post(f"/cart/lines/{line.pk}/", {"act": "steal"})
    assert answer.status_code == 422
    assert cart_of(member) == [(sku.pk, 1, True)]


@pytest.mark.parametrize("posted", [{"act": "quantity", "quantity": 2}, {"act": "select"}])
def test_another_members_line_is_not_found(
    buyer: Client, member: Member, stranger: Member, goods: Goods, posted: dict[str, object]
) -> None:
    sku = sku_of(goods())
    line = put(buyer, sku)
    assert client_of(stranger).post(f"/cart/lines/{line.pk}/", posted).status_code == 404
    assert cart_of(member) == [(sku.pk, 1, True)]


def test_another_members_line_can_not_be_removed(buyer: Client, member: Member, stranger: Member, goods: Goods) -> None:
    sku = sku_of(goods())
    line = put(buyer, sku)
    client_of(stranger).post(f"/cart/lines/{line.pk}/", {"act": "remove"})
    assert cart_of(member) == [(sku.pk, 1, True)]


def test_a_price_that_changed_since_is_told(buyer: Client, goods: Goods) -> None:
    sku = sku_of(goods(cents=1_000))
    put(buyer, sku)
    Sku.objects.filter(pk=sku.pk).update(price_cents=1_250)
    assert "比加入时涨了 ¥2.5" in buyer.get("/cart/").content.decode()
    Sku.objects.filter(pk=sku.pk).update(price_cents=900)
    assert "比加入时降了 ¥1" in buyer.get("/cart/").content.decode()


def test_sold_out_and_gone_rows_can_only_be_removed(buyer: Client, goods: Goods) -> None:
    sold_out, gone = goods("卖光的茶"), goods("下架的茶")
    for product in (sold_out, gone):
        put(buyer, sku_of(product))
    Stock.objects.filter(sku=sku_of(sold_out)).update(available=0)
    Product.objects.filter(pk=gone.pk).update(is_on_sale=False)
    page = buyer.get("/cart/").content.decode()
    assert "不能购买：卖光的茶" in page
    assert "不能购买：下架的茶" in page
    assert "删除 卖光的茶" in page
    assert "去结算（" not in page


def test_buying_now_leads_to_checkout_and_leaves_the_cart_alone(buyer: Client, member: Member, goods: Goods) -> None:
    sku = sku_of(goods())
    answer = buyer.post("/buy/", {"sku": sku.pk, "quantity": 2})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/checkout/?sku={sku.pk}&quantity=2")
    assert cart_of(member) == []
