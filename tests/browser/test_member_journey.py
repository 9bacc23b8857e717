"""The member's path, clicked through on a phone: from the first visit to a redeemed reward."""

import re

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Page, expect

from config.outbox.services import deliveries
from mall.models import Order
from mall.services import orders
from members.models import Member
from points import ledger
from tests.browser.conftest import sign_in, violations


def _add_address(page: Page) -> None:
    page.get_by_label("收货人").fill("小杉")
    page.get_by_label("手机号").fill("13800000001")
    for name, choice in [("省份", "浙江省"), ("城市", "杭州市"), ("区县", "滨江区")]:
        with page.expect_response(re.compile("regions")):
            page.get_by_label(name).select_option(label=choice)
        page.wait_for_timeout(100)
    page.get_by_label("详细地址").fill("江南大道 1 号")
    page.get_by_role("button", name="保存").click()


def _ship(order: Order) -> None:
    with transaction.atomic():
        orders.mark_shipped(order_id=order.pk, carrier="顺丰速运", tracking_no="SF1234567890", at=timezone.now())


def test_a_newcomer_registers_buys_earns_and_sees_why(phone: Page) -> None:
    phone.goto("/")
    expect(phone.get_by_role("heading", name="为你推荐")).to_be_visible()
    sign_in(phone)
    deliveries.deliver_all(at=timezone.now())

    _fill_the_cart(phone)
    _check_out(phone)
    order = Order.objects.get()
    assert (order.status, order.payable_cents) == ("paid", 19900)

    _ship(order)
    _receive(phone, order)
    deliveries.deliver_all(at=timezone.now())
    _read_the_receipt(phone)


def _fill_the_cart(page: Page) -> None:
    page.goto("/categories/")
    page.get_by_role("link", name="明前龙井礼盒").first.click()
    for label, price in [("250 克 · 双罐礼盒", "398"), ("125 克 · 单罐", "209")]:
        page.get_by_role("radio", name=label).check(force=True)
        expect(page.locator("#offer")).to_contain_text(price)
    with page.expect_response(re.compile("/cart/")):
        page.get_by_role("button", name="加入购物车").click()
    page.goto("/cart/")
    expect(page.get_by_role("link", name="明前龙井礼盒")).to_be_visible()


def _check_out(page: Page) -> None:
    page.get_by_role("link", name=re.compile("结算")).or_(page.get_by_role("button", name=re.compile("结算"))).click()
    page.get_by_role("link", name=re.compile("添加收货地址")).click()
    _add_address(page)
    expect(page.get_by_role("heading", name="金额明细")).to_be_visible()
    expect(page.get_by_text("满 100 减 10").first).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="提交订单").click()
    page.get_by_role("button", name=re.compile("确认支付 ¥199")).click()
    expect(page.get_by_role("heading", name="支付成功").first).to_be_visible()


def _receive(page: Page, order: Order) -> None:
    page.goto(f"/orders/{order.number}/")
    expect(page.get_by_text("SF1234567890")).to_be_visible()
    page.get_by_role("button", name="确认收货").click()
    expect(page.get_by_role("heading", name="已完成")).to_be_visible()


def _read_the_receipt(page: Page) -> None:
    page.goto("/points/")
    page.get_by_role("link", name=re.compile("消费得积分")).first.click()
    page.get_by_role("link", name=re.compile("凭证|怎么|为什么")).first.click()
    expect(page.get_by_text("¥199.00 × 1 积分/元").first).to_be_visible()
    expect(page.get_by_text("差 ¥301.00 满 500 元")).to_be_visible()
    assert violations(page) == []


def test_points_are_redeemed_and_a_day_is_checked_in(phone: Page) -> None:
    sign_in(phone)
    deliveries.deliver_all(at=timezone.now())
    member = Member.objects.get()
    with transaction.atomic():
        ledger.earn(account=member.points_account_id, points=2000, key="gift", source="test", at=timezone.now())

    phone.goto("/check-in/")
    phone.get_by_role("button", name=re.compile("签到")).click()
    expect(phone.get_by_text(re.compile("今日已签到|今天已签到|明天再来")).first).to_be_visible()

    phone.goto("/points-mall/")
    phone.get_by_role("link", name="双层玻璃品茗杯").first.click()
    phone.get_by_role("button", name=re.compile("兑换")).first.click()
    phone.get_by_role("link", name=re.compile("添加收货地址")).click()
    _add_address(phone)
    phone.get_by_role("button", name="确认兑换").click()
    expect(phone.get_by_role("heading", name="兑换成功").first).to_be_visible()
    order = Order.objects.get()
    assert (order.kind, order.status, order.payable_cents) == ("redemption", "paid", 0)
    spent = ledger.balance(account=member.points_account_id, at=timezone.now())
    assert spent.spendable == 50 + 2000 + 10 - order.points_spent
    assert order.points_spent in {400, 500}  # 8 折 on Wednesdays


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_home_and_member_centre_have_nothing_for_axe_to_say(phone: Page, theme: str) -> None:
    phone.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    sign_in(phone)
    for path in ["/", "/me/", "/points-mall/", "/points/", "/check-in/", "/cart/", "/benefits/"]:
        phone.goto(path)
        assert (path, violations(phone)) == (path, [])


def test_a_visitor_is_led_to_log_in_and_back(phone: Page) -> None:
    phone.goto("/orders/")
    expect(phone).to_have_url(re.compile(r"/login/\?next="))
    phone.goto("/search/?q=龙井")
    expect(phone.get_by_role("link", name="明前龙井礼盒").first).to_be_visible()
    phone.goto("/search/?q=没有的东西")
    expect(phone.get_by_text("没有找到相关商品")).to_be_visible()
