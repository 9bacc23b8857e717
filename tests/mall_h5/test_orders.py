"""Paying, following, cancelling and receiving an order."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client, override_settings
from django.utils import timezone

from mall.models import Order, Product
from mall.services import orders, refunds
from members.models import Address, Member
from points import ledger
from tests.mall_h5.conftest import Goods, sku_of
from tests.mall_h5.test_checkout import filled

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def order(buyer: Client, address: Address, goods: Goods) -> Order:
    """An unpaid order of ¥100."""
    return buy(buyer, goods(cents=10_000))


def buy(client: Client, product: Product) -> Order:
    path = f"/checkout/?sku={sku_of(product).pk}&quantity=1"
    client.post(path, filled(client, path))
    return Order.objects.latest("pk")


def pay(client: Client, order: Order) -> None:
    client.post(f"/orders/{order.number}/pay/sandbox/")


def ship(order: Order) -> None:
    with transaction.atomic():
        orders.mark_shipped(order_id=order.pk, carrier="顺丰速运", tracking_no="SF123", at=timezone.now())


def status_of(order: Order) -> str:
    order.refresh_from_db()
    return order.status


def test_the_cashier_counts_down_and_names_the_amount(buyer: Client, order: Order) -> None:
    page = buyer.get(f"/orders/{order.number}/pay/").content.decode()
    assert "确认支付 ¥100" in page
    assert "<count-down" in page
    assert "不会真的扣款" in page


def test_paying_in_the_sandbox_shows_the_result(buyer: Client, order: Order) -> None:
    answer = buyer.post(f"/orders/{order.number}/pay/sandbox/")
    assert answer.headers["Location"] == f"/orders/{order.number}/paid/"
    assert status_of(order) == "paid"
    assert "支付成功" in buyer.get(f"/orders/{order.number}/paid/").content.decode()


def test_paying_twice_pays_once_and_shows_the_result_again(buyer: Client, order: Order) -> None:
    pay(buyer, order)
    answer = buyer.post(f"/orders/{order.number}/pay/sandbox/")
    assert answer.headers["Location"] == f"/orders/{order.number}/paid/"
    assert order.payments.filter(status="succeeded").count() == 1


def test_a_paid_order_has_no_cashier(buyer: Client, order: Order) -> None:
    pay(buyer, order)
    assert buyer.get(f"/orders/{order.number}/pay/").headers["Location"] == f"/orders/{order.number}/paid/"


@override_settings(SANDBOX_CASHIER=False)
def test_without_the_sandbox_nothing_is_paid(buyer: Client, order: Order) -> None:
    assert buyer.post(f"/orders/{order.number}/pay/sandbox/").status_code == 404
    assert "暂时不能在线支付" in buyer.get(f"/orders/{order.number}/pay/").content.decode()
    assert status_of(order) == "created"


def test_paying_too_late_is_refused_with_a_sentence(buyer: Client, order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert "付款时间已过" in buyer.get(f"/orders/{order.number}/pay/").content.decode()
    answer = buyer.post(f"/orders/{order.number}/pay/sandbox/")
    assert answer.status_code == 409
    assert "订单已超过付款时间" in answer.content.decode()
    assert status_of(order) == "created"


def test_the_result_of_an_unpaid_order_says_so(buyer: Client, order: Order) -> None:
    assert "还没有收到付款" in buyer.get(f"/orders/{order.number}/paid/").content.decode()


def test_orders_are_listed_by_status(buyer: Client, goods: Goods, order: Order) -> None:
    paid = buy(buyer, goods("另一款茶", cents=20_000))
    pay(buyer, paid)
    everything = buyer.get("/orders/").content.decode()
    assert order.number in everything
    assert paid.number in everything
    only_paid = buyer.get("/orders/?status=paid").content.decode()
    assert order.number not in only_paid
    assert paid.number in only_paid


def test_an_unknown_status_lists_everything(buyer: Client, order: Order) -> None:
    assert order.number in buyer.get("/orders/?status=nonsense").content.decode()


def test_no_orders_say_so(buyer: Client) -> None:
    assert "这里还没有订单" in buyer.get("/orders/").content.decode()


def test_the_list_continues_where_it_ended(buyer: Client, address: Address, goods: Goods) -> None:
    product = goods(stock=99)
    numbers = [buy(buyer, product).number for _ in range(12)]
    first = buyer.get("/orders/").content.decode()
    cursor = first.split("cursor=")[1].split('"')[0]
    second = buyer.get(f"/orders/?cursor={cursor}", headers=HTMX).content.decode()
    assert [number for number in reversed(numbers) if number in first] == numbers[:1:-1]
    assert [number for number in reversed(numbers) if number in second] == numbers[1::-1]


def test_the_order_page_tells_lines_amounts_and_progress(buyer: Client, order: Order) -> None:
    pay(buyer, order)
    ship(order)
    page = buyer.get(f"/orders/{order.number}/").content.decode()
    for words in (
        "待收货",
        "明前龙井",
        "商品金额",
        "顺丰速运",
        "SF123",
        "付款成功",
        "店家已发货",
        "138****0001",
        "确认收货",
    ):
        assert words in page
    assert "13800000001" not in page
    assert "取消订单" not in page


def test_an_unpaid_order_is_cancelled(buyer: Client, order: Order) -> None:
    answer = buyer.post(f"/orders/{order.number}/cancel/")
    assert answer.headers["Location"] == f"/orders/{order.number}/"
    assert status_of(order) == "cancelled"
    assert "订单取消" in buyer.get(f"/orders/{order.number}/").content.decode()


def test_a_paid_order_is_not_cancelled(buyer: Client, order: Order) -> None:
    pay(buyer, order)
    answer = buyer.post(f"/orders/{order.number}/cancel/")
    assert answer.status_code == 409
    assert "订单待发货，不能取消" in answer.content.decode()
    assert status_of(order) == "paid"


def test_receipt_is_confirmed_once(buyer: Client, order: Order) -> None:
    assert buyer.post(f"/orders/{order.number}/confirm/").status_code == 409
    pay(buyer, order)
    ship(order)
    assert buyer.post(f"/orders/{order.number}/confirm/").status_code == 302
    assert status_of(order) == "completed"
    assert buyer.post(f"/orders/{order.number}/confirm/").status_code == 409


def test_a_refund_is_shown(buyer: Client, order: Order) -> None:
    pay(buyer, order)
    with transaction.atomic():
        lines = {order.lines.get().pk: 1}
        refunds.refund(order_id=order.pk, lines=lines, key="r", reason="不合适", at=timezone.now())
    page = buyer.get(f"/orders/{order.number}/").content.decode()
    assert "不合适" in page
    assert "已退 1 件" in page


@pytest.mark.parametrize("number", ["0", "x", "9" * 200, "%00", "1%00"])
def test_an_order_that_is_not_there_is_not_found(buyer: Client, number: str) -> None:
    assert buyer.get(f"/orders/{number}/").status_code == 404
    assert buyer.post(f"/orders/{number}/cancel/").status_code == 404


@pytest.mark.parametrize("cursor", ["%00", "x", "0", "9" * 200, "'--"])
def test_a_place_in_the_list_that_is_none_leads_home_with_a_sentence(buyer: Client, cursor: str) -> None:
    response = buyer.get(f"/orders/?cursor={cursor}", follow=True)
    assert response.redirect_chain == [("/", 302)]
    assert "翻页位置无效，请刷新后重试" in response.content.decode()


def test_reading_an_order_never_moves_it(buyer: Client, order: Order) -> None:
    for path in ("", "pay/", "paid/"):
        buyer.get(f"/orders/{order.number}/{path}")
    for path in ("cancel/", "confirm/", "pay/sandbox/"):
        assert buyer.get(f"/orders/{order.number}/{path}").status_code == 405
    assert status_of(order) == "created"


def test_what_a_completed_order_earned_leads_to_its_receipt(
    buyer: Client, member: Member, order: Order, give_points: Callable[[int], None]
) -> None:
    Order.objects.filter(pk=order.pk).update(quote=order.quote | {"earn_points": 100, "earn_growth": 100})
    assert "预计得 100 积分" in buyer.get(f"/orders/{order.number}/").content.decode()
    pay(buyer, order)
    ship(order)
    buyer.post(f"/orders/{order.number}/confirm/")
    with transaction.atomic():
        entry = ledger.earn(
            account=member.points_account_id,
            points=100,
            key=f"order:{order.pk}:points",
            source=f"order:{order.pk}",
            at=timezone.now(),
        )
    assert f"/points/{entry.id}/receipt/" in buyer.get(f"/orders/{order.number}/").content.decode()
