"""Checkout: the page, the order, and every way it says no."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from mall.models import CartLine, Order, Product, Sku, Stock
from members.models import Address, Member
from tests.mall_h5.conftest import Goods, client_of, sku_of

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found[1]


def filled(client: Client, path: str, **changes: object) -> dict[str, object]:
    """The form as the page offers it, with changes."""
    page = client.get(path).content.decode()
    form: dict[str, object] = {name: hidden(page, name) for name in ("submit_key", "address", "expected")}
    if "expected_points" in page:
        form["expected_points"] = hidden(page, "expected_points")
    return {"points": "0", "note": "", **form, **changes}


@pytest.fixture
def path(goods: Goods) -> str:
    """Checkout of one ¥100 product, freight free."""
    return f"/checkout/?sku={sku_of(goods(cents=10_000)).pk}&quantity=1"


def test_the_page_shows_address_lines_and_amounts(buyer: Client, address: Address, path: str) -> None:
    page = buyer.get(path).content.decode()
    assert "江南大道 1 号" in page
    assert "138****0001" in page
    assert "13800000001" not in page
    assert "明前龙井" in page
    assert hidden(page, "expected") == "10000"


def test_an_order_is_placed_and_led_to_the_cashier(buyer: Client, member: Member, address: Address, path: str) -> None:
    answer = buyer.post(path, filled(buyer, path, note="放门口"))
    order = Order.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/orders/{order.number}/pay/")
    assert (order.member_id, order.payable_cents, order.buyer_note, order.channel) == (
        member.pk,
        10_000,
        "放门口",
        "h5",
    )


def test_the_cart_is_ordered_and_emptied(buyer: Client, address: Address, goods: Goods) -> None:
    buyer.post("/cart/add/", {"sku": sku_of(goods("茶甲")).pk, "quantity": 2})
    buyer.post("/cart/add/", {"sku": sku_of(goods("茶乙")).pk, "quantity": 1})
    buyer.post("/checkout/", filled(buyer, "/checkout/"))
    assert list(Order.objects.get().lines.order_by("product_name").values_list("quantity", flat=True)) == [1, 2]
    assert not CartLine.objects.exists()


def test_a_double_submit_makes_one_order_and_leads_to_it(buyer: Client, address: Address, path: str) -> None:
    form = filled(buyer, path)
    first, second = buyer.post(path, form), buyer.post(path, form)
    assert Order.objects.count() == 1
    assert first.headers["Location"] == second.headers["Location"]


def test_a_key_that_made_another_order_is_refused(buyer: Client, address: Address, goods: Goods, path: str) -> None:
    form = filled(buyer, path)
    buyer.post(path, form)
    answer = buyer.post(f"/checkout/?sku={sku_of(goods('别的茶')).pk}&quantity=1", form)
    assert answer.status_code == 409
    assert "请刷新页面后重新下单" in answer.content.decode()
    assert Order.objects.count() == 1


def test_a_price_that_changed_is_shown_and_asked_again(buyer: Client, address: Address, goods: Goods) -> None:
    sku = sku_of(goods(cents=10_000))
    path = f"/checkout/?sku={sku.pk}&quantity=1"
    form = filled(buyer, path, note="放门口")
    Sku.objects.filter(pk=sku.pk).update(price_cents=12_000)
    answer = buyer.post(path, form)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "价格或优惠有变化，现需支付 ¥120.00" in page
    assert hidden(page, "expected") == "12000"
    assert 'value="放门口"' in page
    assert not Order.objects.exists()
    assert buyer.post(path, form | {"expected": hidden(page, "expected")}).status_code == 302
    assert Order.objects.get().payable_cents == 12_000


def test_points_pay_a_part(buyer: Client, address: Address, path: str, give_points: Callable[[int], None]) -> None:
    give_points(3_000)
    page = buyer.get(f"{path}&points=2000").content.decode()
    assert "最多用 3,000 积分" in page
    part = buyer.get(f"{path}&points=2000", headers=HTMX).content.decode()
    assert hidden(part, "expected") == "8000"
    assert "<html" not in part
    buyer.post(path, filled(buyer, path, points="2000", expected="8000"))
    order = Order.objects.get()
    assert (order.points_spent, order.payable_cents) == (2_000, 8_000)


@pytest.mark.parametrize(
    ("points", "sentence"),
    [
        ("150", "本单最多可用 3,000 积分|本单最多可用 3000 积分"),
        ("900000", "本单最多可用 3,000 积分|本单最多可用 3000 积分"),
        ("abc", "积分要写成整数"),
        ("-100", "请填写不小于 0 的积分数"),
        ("9" * 40, "请填写不小于 0 的积分数"),
    ],
)
def test_points_that_can_not_pay_are_refused_at_the_slider(
    buyer: Client,
    address: Address,
    path: str,
    give_points: Callable[[int], None],
    points: str,
    sentence: str,
) -> None:
    give_points(3_000)
    answer = buyer.post(path, filled(buyer, path, points=points))
    assert answer.status_code == 422
    assert re.search(rf'id="points_error".*?({sentence})', answer.content.decode(), re.S)
    assert not Order.objects.exists()


def test_without_an_address_the_page_asks_for_one(buyer: Client, member: Member, path: str) -> None:
    page = buyer.get(path).content.decode()
    assert "添加收货地址" in page
    answer = buyer.post(path, filled(buyer, path))
    assert answer.status_code == 422
    assert "请先选择收货地址" in answer.content.decode()
    assert not Order.objects.exists()


@pytest.mark.parametrize("which", ["another member's", "gone", "abc"])
def test_an_address_that_is_not_the_members_is_refused(
    buyer: Client, stranger: Member, address: Address, path: str, which: str
) -> None:
    form = filled(buyer, path)
    if which == "another member's":
        Address.objects.filter(pk=address.pk).update(member=stranger)
    elif which == "gone":
        form["address"] = str(10**15)
    else:
        form["address"] = which
    answer = buyer.post(path, form)
    assert answer.status_code == 422
    assert "选择收货地址" in answer.content.decode()
    assert not Order.objects.exists()


@pytest.mark.parametrize("name", ["submit_key", "expected", "address"])
@pytest.mark.parametrize("value", ["", "!", "x" * 300])
def test_a_tampered_form_is_refused_with_a_sentence(
    buyer: Client, address: Address, path: str, name: str, value: str
) -> None:
    answer = buyer.post(path, filled(buyer, path, **{name: value}))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'role="alert"' in page
    assert not Order.objects.exists()
    offered = {name: hidden(page, name) for name in ("submit_key", "expected", "address")}
    assert buyer.post(path, {**offered, "points": "0"}).status_code == 302


def test_a_note_that_is_too_long_is_refused_at_its_field(buyer: Client, address: Address, path: str) -> None:
    answer = buyer.post(path, filled(buyer, path, note="长" * 101))
    assert answer.status_code == 422
    assert "留言最多 100 个字" in answer.content.decode()


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("quantity=0", "数量至少为 1"),
        ("quantity=-1", "数量至少为 1"),
        ("quantity=1000", "每次最多购买 99 件"),
        ("quantity=abc", "数量要写成整数"),
        ("", "请填写数量"),
    ],
)
def test_a_bad_quantity_has_no_checkout(buyer: Client, goods: Goods, query: str, sentence: str) -> None:
    answer = buyer.get(f"/checkout/?sku={sku_of(goods()).pk}&{query}")
    assert answer.status_code == 422
    assert sentence in answer.content.decode()


@pytest.mark.parametrize("sku", ["abc", "", "0", "9" * 30])
def test_a_bad_sku_has_no_checkout(buyer: Client, sku: str) -> None:
    answer = buyer.get(f"/checkout/?sku={sku}&quantity=1")
    assert answer.status_code == 422
    assert "请选择商品规格" in answer.content.decode()


def test_goods_that_went_off_sale_have_no_checkout(buyer: Client, address: Address, goods: Goods) -> None:
    product = goods()
    path = f"/checkout/?sku={sku_of(product).pk}&quantity=1"
    form = filled(buyer, path)
    Product.objects.filter(pk=product.pk).update(is_on_sale=False)
    for answer in (buyer.get(path), buyer.post(path, form)):
        assert answer.status_code == 409
        assert "已下架" in answer.content.decode()
    assert not Order.objects.exists()


def test_goods_that_sold_out_have_no_checkout(buyer: Client, address: Address, goods: Goods) -> None:
    sku = sku_of(goods())
    path = f"/checkout/?sku={sku.pk}&quantity=2"
    form = filled(buyer, path)
    Stock.objects.filter(sku=sku).update(available=1)
    answer = buyer.post(path, form)
    assert answer.status_code == 409
    assert "仅剩 1 件" in answer.content.decode()
    Stock.objects.filter(sku=sku).update(available=0)
    assert f"「{sku.product.name}」已售罄" in buyer.post(path, form).content.decode()
    assert "仅剩 0 件" not in buyer.get(path).content.decode()
    assert not Order.objects.exists()


def test_an_empty_cart_has_no_checkout(buyer: Client) -> None:
    answer = buyer.get("/checkout/")
    assert answer.status_code == 409
    assert "请先选择要结算的商品" in answer.content.decode()


def test_rows_of_the_cart_that_can_not_be_bought_stay_out_of_checkout(
    buyer: Client, address: Address, goods: Goods
) -> None:
    good, sold_out, gone = goods("好茶"), goods("卖光的茶"), goods("下架的茶")
    for product in (good, sold_out, gone):
        buyer.post("/cart/add/", {"sku": sku_of(product).pk, "quantity": 1})
    Stock.objects.filter(sku=sku_of(sold_out)).update(available=0)
    Product.objects.filter(pk=gone.pk).update(is_on_sale=False)
    buyer.post("/checkout/", filled(buyer, "/checkout/"))
    assert list(Order.objects.get().lines.values_list("product_name", flat=True)) == ["好茶"]
    assert set(CartLine.objects.values_list("sku__product__name", flat=True)) == {"卖光的茶", "下架的茶"}


def test_the_address_can_be_chosen_and_a_new_one_leads_back(
    buyer: Client, member: Member, address: Address, path: str
) -> None:
    other = Address.objects.create(
        member=member, recipient="李四", phone="13900000003", phone_last4="0003", region="上海市", detail="淮海路 2 号",
        created_at=address.created_at,
    )  # fmt: skip
    page = buyer.get(f"{path}&address={other.pk}").content.decode()
    assert hidden(page, "address") == str(other.pk)
    assert f'name="address" value="{address.pk}"' in page
    assert "next=%2Fcheckout%2F%3Fsku%3D" in page


# ── redemption ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def reward(goods: Goods) -> Product:
    return goods("小熊", points=500, is_on_sale=False)


def test_the_points_mall_tells_what_is_missing(
    buyer: Client, reward: Product, give_points: Callable[[int], None]
) -> None:
    give_points(120)
    page = buyer.get("/points-mall/").content.decode()
    assert "小熊" in page
    assert "还差 380 积分" in page
    page = buyer.get(f"/points-mall/{reward.pk}/").content.decode()
    assert "还差 380 积分" in page
    assert "去签到" in page


def test_a_visitor_sees_rewards_and_is_asked_to_log_in(visitor: Client, reward: Product) -> None:
    assert "小熊" in visitor.get("/points-mall/").content.decode()
    assert "登录后兑换" in visitor.get(f"/points-mall/{reward.pk}/").content.decode()
    assert visitor.get(f"/points-mall/{reward.pk}/redeem/?sku=1&quantity=1").status_code == 302


def test_a_product_without_a_points_price_is_no_reward(buyer: Client, goods: Goods) -> None:
    assert buyer.get(f"/points-mall/{goods().pk}/").status_code == 404


def test_goods_for_points_are_redeemed_at_once(
    buyer: Client, address: Address, reward: Product, give_points: Callable[[int], None]
) -> None:
    give_points(1_200)
    path = f"/points-mall/{reward.pk}/redeem/?sku={sku_of(reward).pk}&quantity=2"
    answer = buyer.post(path, filled(buyer, path))
    order = Order.objects.get()
    assert answer.headers["Location"] == f"/orders/{order.number}/paid/"
    assert (order.kind, order.status, order.points_spent, order.payable_cents) == ("redemption", "paid", 1_000, 0)
    assert "兑换成功" in buyer.get(f"/orders/{order.number}/paid/").content.decode()


def test_a_reward_redeems_none_of_anothers_skus(
    buyer: Client, address: Address, reward: Product, goods: Goods, give_points: Callable[[int], None]
) -> None:
    give_points(1_200)
    sku = sku_of(reward).pk
    form = filled(buyer, f"/points-mall/{reward.pk}/redeem/?sku={sku}&quantity=1")
    for wrong in (goods("保温杯", points=500).pk, reward.pk + 1_000_000):
        path = f"/points-mall/{wrong}/redeem/?sku={sku}&quantity=1"
        assert (buyer.get(path).status_code, buyer.post(path, form).status_code) == (404, 404)
    assert buyer.get(f"/points-mall/{reward.pk}/redeem/?sku=999999&quantity=1").status_code == 404
    assert not Order.objects.exists()


def test_goods_for_points_and_cash_lead_to_the_cashier(
    buyer: Client, address: Address, goods: Goods, give_points: Callable[[int], None]
) -> None:
    product = goods("保温杯", points=500, points_cents=1_990)
    give_points(600)
    path = f"/points-mall/{product.pk}/redeem/?sku={sku_of(product).pk}&quantity=1"
    answer = buyer.post(path, filled(buyer, path))
    order = Order.objects.get()
    assert answer.headers["Location"] == f"/orders/{order.number}/pay/"
    assert (order.points_spent, order.payable_cents) == (500, 1_990)


def test_too_few_points_are_refused_with_what_is_missing(
    buyer: Client, address: Address, reward: Product, give_points: Callable[[int], None]
) -> None:
    give_points(499)
    path = f"/points-mall/{reward.pk}/redeem/?sku={sku_of(reward).pk}&quantity=1"
    assert "还差 1 积分" in buyer.get(path).content.decode()
    answer = buyer.post(path, filled(buyer, path))
    assert answer.status_code == 409
    assert "还差 1 积分" in answer.content.decode()
    assert not Order.objects.exists()


def test_a_points_price_that_changed_is_asked_again(
    buyer: Client, address: Address, reward: Product, give_points: Callable[[int], None]
) -> None:
    give_points(2_000)
    path = f"/points-mall/{reward.pk}/redeem/?sku={sku_of(reward).pk}&quantity=1"
    form = filled(buyer, path)
    Sku.objects.filter(product=reward).update(redeem_points=600)
    answer = buyer.post(path, form)
    assert answer.status_code == 409
    assert hidden(answer.content.decode(), "expected_points") == "600"
    assert not Order.objects.exists()


def test_a_stranger_gets_no_part_of_it(buyer: Client, stranger: Member, address: Address, path: str) -> None:
    buyer.post(path, filled(buyer, path))
    number = Order.objects.get().number
    other = client_of(stranger)
    for page in ("", "pay/", "paid/"):
        assert other.get(f"/orders/{number}/{page}").status_code == 404
    for act in ("cancel/", "confirm/", "pay/sandbox/"):
        assert other.post(f"/orders/{number}/{act}").status_code == 404
    assert Order.objects.get().status == "created"
