"""Small things that members trip over: the badge, the note to the shop, the merchant's colour, a lost network."""

import re
from typing import Any

from django.db import transaction
from playwright.sync_api import Browser, Page, expect

from mall.models import Sku
from tests.browser.conftest import phone_page, violations
from tests.browser.scenes import a_shopper, an_address, log_in, put_in_cart, the_world


def _any_sku() -> Sku:
    return Sku.objects.filter(product__name="明前龙井礼盒").order_by("pk")[0]


def test_the_badge_counts_wherever_goods_are_added(phone: Page, live_server: Any) -> None:
    log_in(phone.context, a_shopper(), live_server.url)
    counted = 0
    for path in ["/", "/feed/", "/categories/pastry/", "/search/?q=蜂蜜"]:
        phone.goto(path)
        with phone.expect_response(re.compile("/cart/add/")):
            phone.locator("button.add:visible").first.click()
        counted += 1
        expect(phone.locator(".tabs em")).to_have_text(re.compile(rf"^{counted}\b"))
    phone.goto(f"/products/{_any_sku().product_id}/")
    with phone.expect_response(re.compile("/cart/add/")):
        phone.get_by_role("button", name="加入购物车").click()
    expect(phone.locator("#cart-link em")).to_have_text(re.compile(rf"^{counted + 1}\b"))


def test_the_note_to_the_shop_survives_another_address(phone: Page, live_server: Any) -> None:
    member = a_shopper()
    other = _second_address(member.pk)
    log_in(phone.context, member, live_server.url)
    put_in_cart(member, _any_sku())

    phone.goto("/checkout/")
    phone.get_by_label("买家留言").fill("放在门卫处")
    phone.locator("a.addr").click()
    phone.get_by_role("button", name=re.compile("周二诺")).click()
    expect(phone).to_have_url(re.compile(f"address={other}"))
    expect(phone.get_by_label("买家留言")).to_have_value("放在门卫处")
    expect(phone.locator("a.addr")).to_contain_text("周二诺")

    phone.get_by_role("button", name="提交订单").click()
    phone.get_by_role("heading", name="收银台").wait_for()
    put_in_cart(member, _any_sku())
    phone.goto("/checkout/")
    expect(phone.get_by_label("买家留言")).to_have_value("")


def _second_address(member_id: int) -> int:
    with transaction.atomic():
        return an_address(member_id, recipient="周二诺")


def test_a_bright_colour_of_the_merchant_stays_readable(
    browser: Browser, shop: None, live_server: Any, settings: Any
) -> None:
    settings.SHOP_BRAND_COLOR = "#ffcc00"
    world = the_world()
    with phone_page(browser, live_server.url) as (page, _):
        page.emulate_media(reduced_motion="reduce")
        log_in(page.context, world.member, live_server.url)
        for path in ["/", "/me/", f"/products/{world.sku.product_id}/"]:
            page.goto(path)
            for theme in ["light", "dark"]:
                page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
                assert (path, theme, violations(page)) == (path, theme, [])


def test_a_lost_network_is_said_and_taken_back(phone: Page) -> None:
    phone.goto("/login/", wait_until="networkidle")  # a page without pictures that load late and would complain
    expect(phone.get_by_text("网络已断开")).to_be_hidden()
    phone.context.set_offline(True)
    expect(phone.get_by_text("网络已断开")).to_be_visible()
    assert violations(phone) == []
    phone.context.set_offline(False)
    expect(phone.get_by_text("网络已断开")).to_be_hidden()
