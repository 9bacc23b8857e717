"""Every state of a page says what is the matter and what to do: seen in a browser, in both themes.

BROWSER_SHOTS=<folder> also keeps a picture of each state.
"""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from config.outbox.services import deliveries
from mall.models import Category, PageBlock, Product, Sku, Stock
from tests.browser.conftest import phone_page, violations
from tests.browser.scenes import (
    a_shopper,
    cancel,
    give,
    log_in,
    make_overdue,
    pay,
    place,
    put_in_cart,
    receive,
    sell_out,
    ship,
)
from tests.campaigns.rows import a_campaign

SHOTS = os.environ.get("BROWSER_SHOTS", "")
REFUSED = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")


@dataclass
class Visit:
    """One browser of one person; `sees` looks at the page as it stands."""

    page: Page
    complaints: list[str]
    url: str

    def sees(self, state: str, *words: str, path: str = "") -> None:
        """The words are there for everybody to read, in both themes."""
        if path:
            self.page.goto(path)
        for word in words:
            expect(self.page.get_by_text(word).filter(visible=True).first, state).to_be_visible()
        for theme in ["light", "dark"]:
            self.page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            assert (state, theme, violations(self.page)) == (state, theme, [])
            if SHOTS:
                self.page.screenshot(path=Path(SHOTS) / f"{state}-{theme}.png".replace(" ", "-"))
        self.complaints[:] = [text for text in self.complaints if not REFUSED.match(text)]


@pytest.fixture
def visit(browser: Browser, shop: None, live_server: Any) -> Iterator[Visit]:
    with phone_page(browser, live_server.url) as (page, complaints):
        page.emulate_media(reduced_motion="reduce")
        yield Visit(page=page, complaints=complaints, url=live_server.url)


@pytest.fixture
def member_visit(visit: Visit) -> Callable[..., Any]:
    """Log a new shopper in."""

    def enter(**kwargs: Any) -> Any:
        member = a_shopper(**kwargs)
        log_in(visit.page.context, member, visit.url)
        return member

    return enter


def tea() -> Sku:
    return Sku.objects.filter(product__name="明前龙井礼盒").order_by("pk")[0]


def cup() -> Sku:
    return Sku.objects.get(product__name="双层玻璃品茗杯")


def test_who_is_not_signed_in_is_invited(visit: Visit) -> None:
    visit.sees("home of a visitor", "成为会员", "登录 / 注册", path="/")
    visit.sees("centre of a visitor", "欢迎光临", "登录后查看积分、等级和订单", path="/me/")
    visit.sees("points mall of a visitor", "登录后用积分兑好礼", path="/points-mall/")
    visit.sees("reward for a visitor", "登录后兑换", path=f"/points-mall/{cup().product_id}/")
    for path in ["/cart/", "/orders/", "/points/", "/checkout/", "/check-in/", "/addresses/", "/benefits/"]:
        visit.page.goto(path)
        expect(visit.page).to_have_url(re.compile(r"/login/\?next="))
    visit.sees("login", "手机号登录", "未注册的手机号验证后自动成为会员")


def test_what_is_empty_says_what_to_do(visit: Visit, member_visit: Callable[..., Any]) -> None:
    visit.sees("inbox empty", "还没有短信", path="/dev/inbox/")
    visit.sees("search without a hit", "没有找到相关商品", "逛逛分类", path="/search/?q=没有的东西")
    visit.sees("search without words", "逛逛分类", path="/search/")
    member_visit(with_address=False)
    visit.sees("cart empty", "购物车还是空的", "去逛逛", path="/cart/")
    visit.sees("checkout of nothing", "请先选择要结算的商品", "回购物车", path="/checkout/")
    visit.sees("orders empty", "这里还没有订单", "去逛逛", path="/orders/")
    visit.sees("statement empty", "还没有积分记录", "去积分商城看看", path="/points/")
    visit.sees("statement of a kind empty", "没有这类记录", path="/points/?type=spent")
    visit.sees("addresses empty", "还没有收货地址", "新增地址", path="/addresses/")
    visit.sees("checkout without address", "添加收货地址", path=f"/checkout/?sku={tea().pk}&quantity=1")


def test_a_shop_without_goods_asks_for_patience(visit: Visit) -> None:
    Category.objects.create(name="空空", slug="empty", art="cat-tea")
    visit.sees("category empty", "这个分类还没有商品", path="/categories/empty/")
    Product.objects.update(is_on_sale=False, is_redeemable=False)
    Category.objects.update(is_visible=False)
    visit.sees("shop without goods", "成为会员", path="/")
    visit.sees("categories empty", "店铺正在上架商品", path="/categories/")
    visit.sees("points mall empty", "好礼正在路上", path="/points-mall/")
    visit.sees("product taken down", "页面走丢了", "内容不存在或已失效", path=f"/products/{tea().product_id}/")
    PageBlock.objects.update(is_enabled=False)
    visit.sees("home without blocks", "店铺正在布置", path="/")


def test_what_is_sold_out_can_not_be_bought(visit: Visit, member_visit: Callable[..., Any]) -> None:
    member = member_visit(points=9000)
    gone, scarce = Sku.objects.get(product__name="百花蜂蜜"), Sku.objects.get(product__name="海盐黄油曲奇")
    for sku in [tea(), gone, scarce]:
        put_in_cart(member, sku, 3)
    sell_out(tea())
    sell_out(cup())
    Stock.objects.filter(sku=scarce).update(available=2)
    Product.objects.filter(pk=gone.product_id).update(is_on_sale=False)
    visit.sees("product sold out", "已售罄", "看看同类", path=f"/products/{tea().product_id}/")
    visit.sees("list with sold out", "已售罄", path="/search/?q=明前龙井礼盒")
    visit.sees("reward sold out", "已兑完", "去看看别的吧", path=f"/points-mall/{cup().product_id}/")
    visit.sees("cart with what can not be bought", "已售罄", "已下架", "仅剩 2 件", path="/cart/")
    visit.sees("checkout sold out", "售罄", "回购物车", path=f"/checkout/?sku={tea().pk}&quantity=1")


def test_who_has_too_few_points_is_told_how_many_and_where_they_come_from(
    visit: Visit, member_visit: Callable[..., Any]
) -> None:
    member = member_visit()
    give(member, 60)
    deliveries.deliver_all(at=timezone.now())
    need = int(_points_shown(visit, cup()))
    visit.sees(
        "reward too dear", f"还差 {need - 110} 积分", "每日签到", "下单购物", path=f"/points-mall/{cup().product_id}/"
    )
    visit.sees("points mall too dear", f"还差 {need - 110} 积分", path="/points-mall/")
    path = f"/points-mall/{cup().product_id}/redeem/?sku={cup().pk}&quantity=1"
    visit.sees("redeem too dear", f"还差 {need - 110} 积分", "去签到赚积分", path=path)


def _points_shown(visit: Visit, sku: Sku) -> str:
    visit.page.goto(f"/points-mall/{sku.product_id}/")
    return re.sub(r"\D", "", visit.page.locator("#price .pts").inner_text().split("积分")[0])


def test_campaigns_are_announced_while_they_run(visit: Visit) -> None:
    now = timezone.now()
    for name, starts, ends in [
        ("明天才开始", now + timedelta(days=1), now + timedelta(days=2)),
        ("昨天已结束", now - timedelta(days=2), now - timedelta(days=1)),
        ("正在进行中", now - timedelta(hours=1), now + timedelta(hours=1)),
    ]:
        effects = [{"kind": "money_off", "cents": 100}]
        a_campaign(name=name, trigger="basket", effects=effects, starts_at=starts, ends_at=ends)
    visit.sees("campaign running", "正在进行中", path="/")
    for name in ["明天才开始", "昨天已结束"]:
        expect(visit.page.get_by_text(name)).to_have_count(0)


def test_orders_say_where_they_stand(visit: Visit, member_visit: Callable[..., Any]) -> None:
    member = member_visit(points=500)
    number = f"/orders/{(created := place(member, tea())).number}/"
    visit.sees("order unpaid", "待付款", "去付款", "取消订单", path=number)
    visit.sees("cashier", "这是沙箱收银台", path=f"{number}pay/")
    visit.sees("nothing paid yet", "还没有收到付款", path=f"{number}paid/")
    make_overdue(created)
    visit.sees("cashier overdue", "付款时间已过，订单会自动取消", "查看订单", path=f"{number}pay/")
    cancel(created)
    visit.sees("order cancelled", "已取消", "积分和库存已退回", path=number)
    visit.sees("pay result cancelled", "订单已取消", "可以重新下单", path=f"{number}pay/")
    order = pay(place(member, tea()))
    number = f"/orders/{order.number}/"
    visit.sees("order paid", "待发货", "店家正在准备商品", path=number)
    visit.sees("pay result", "支付成功", path=f"{number}paid/")
    ship(order)
    visit.sees("order shipped", "SF1234567890", "确认收货", path=number)
    receive(order)
    visit.sees("order completed", "已完成", "查看凭证", path=number)
    visit.sees("orders of all kinds", "已完成", "已取消", path="/orders/")


def test_a_check_in_is_offered_once(visit: Visit, member_visit: Callable[..., Any]) -> None:
    member_visit()
    visit.sees("check-in open", "签到领", "断签后重新计算", path="/check-in/")
    visit.page.get_by_role("button", name=re.compile("签到领")).click()
    visit.sees("check-in done", "今天已签到", "签到成功")


def test_errors_stand_where_they_were_made(visit: Visit, member_visit: Callable[..., Any]) -> None:
    page = visit.page
    visit.sees("no such page", "页面走丢了", "回首页", path="/no-such-page/")
    visit.sees("bad sort", "没有这种排序", path="/search/?q=茶&sort=bogus")
    page.goto("/login/")
    page.get_by_role("button", name="登录 / 注册").click()
    visit.sees("login refused", "请输入 11 位手机号")
    member_visit()
    page.goto("/addresses/new/")
    page.get_by_role("button", name="保存").click()
    visit.sees("address refused", "请输入 11 位手机号", "收货人")
    page.goto("/profile/")
    page.get_by_label("昵称").fill("")
    page.get_by_role("button", name="保存").click()
    visit.sees("profile refused", "昵称")
    expect(page.locator(".field.bad")).to_have_count(1)


def test_a_price_that_changed_is_shown_before_it_is_paid(visit: Visit, member_visit: Callable[..., Any]) -> None:
    member_visit()
    visit.page.goto(f"/checkout/?sku={tea().pk}&quantity=1")
    Sku.objects.filter(pk=tea().pk).update(price_cents=29900)
    visit.page.get_by_role("button", name="提交订单").click()
    visit.sees("price changed", "价格或优惠有变化，现需支付", "请确认后重新提交")


def test_what_is_loading_can_not_be_sent_twice(visit: Visit, member_visit: Callable[..., Any]) -> None:
    member_visit()
    page, held = visit.page, list[Any]()
    page.goto(f"/products/{tea().product_id}/")
    page.route("**/cart/add/", lambda route: held.append(route))
    button = page.get_by_role("button", name="加入购物车")
    button.click()
    expect(button).to_have_class(re.compile("htmx-request"))
    button.click()
    visit.sees("loading", "加入购物车")
    assert len(held) == 1
    held.pop().continue_()
    expect(page.get_by_text("已加入购物车")).to_be_visible()


def test_a_lost_network_and_a_refusal_are_said_on_the_spot(visit: Visit, member_visit: Callable[..., Any]) -> None:
    member_visit()
    page = visit.page
    page.goto(f"/products/{tea().product_id}/")
    page.context.set_offline(True)
    page.get_by_role("button", name="加入购物车").click()
    visit.sees("offline", "网络已断开", "网络不给力，请稍后再试")
    page.context.set_offline(False)
    visit.complaints.clear()  # the browser and htmx note the failed request
    Stock.objects.filter(sku=tea()).update(available=0)
    page.get_by_role("button", name="加入购物车").click()
    visit.sees("refused by toast", "售罄")
