"""The merchant's path, clicked through at a desk: look, ship, adjust, set a campaign up, sell something new."""

import re

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Page, expect

from campaigns.models import Campaign
from config.demo_logins import DEMO_LOGINS
from config.outbox.services import deliveries
from mall.models import Category, Order, Sku
from mall.selectors.baskets import Wanted
from mall.selectors.checkout import checkout
from mall.services import checkout as placing
from mall.services import payments
from members.models import Member
from members.rules.addresses import AddressForm
from members.services import addresses, registration
from points import ledger


@pytest.fixture
def merchant(desk: Page) -> Page:
    """Signed in to the back office."""
    desk.goto("/admin/")
    desk.locator("input[name=username]").fill(DEMO_LOGINS.staff_name)
    desk.locator("input[name=password]").fill(DEMO_LOGINS.staff_password)
    desk.get_by_role("button", name="登录").click()
    expect(desk.get_by_role("navigation", name="统计周期")).to_be_visible()
    return desk


def _a_paid_order() -> Order:
    at = timezone.now()
    with transaction.atomic():
        member_id = registration.register_by_phone(phone="13800000002", channel="h5", at=at).member_id
        form = AddressForm(recipient="小杉", phone="13800000002", region_code="330108", detail="江南大道 1 号")
        address_id = addresses.save_address(member_id=member_id, form=form, at=at)
        lines = [Wanted(sku_id=Sku.objects.order_by("pk")[0].pk, quantity=1)]
        shown = checkout(member_id=member_id, lines=lines, channel="h5", at=at).priced
        placed = placing.place_order(
            member_id=member_id,
            lines=lines,
            address_id=address_id,
            points=0,
            channel="h5",
            submit_key="one",
            expected_payable_cents=shown.payable_cents,
            at=at,
        )
        start = payments.start_payment(order_id=placed.order_id, member_id=member_id, provider="sandbox", at=at)
        payments.record_success(
            out_trade_no=start.out_trade_no, amount_cents=start.amount_cents, transaction_id="T1", payer=None, at=at
        )
    deliveries.deliver_all(at=at)
    return Order.objects.get(pk=placed.order_id)


def test_a_paid_order_waits_on_the_dashboard_and_is_shipped_from_a_dialog(merchant: Page) -> None:
    order = _a_paid_order()

    merchant.goto("/admin/")
    expect(merchant.get_by_role("link", name=re.compile("成交额.*¥199.00", re.DOTALL))).to_be_visible()
    merchant.get_by_role("link", name=re.compile("待发货订单")).click()
    merchant.get_by_role("link", name=order.number).click()
    merchant.get_by_role("link", name="发货").or_(merchant.get_by_role("button", name="发货")).first.click()
    merchant.get_by_label(re.compile("运单号")).fill("1")
    merchant.get_by_role("button", name="确认发货").click()
    expect(merchant.get_by_text("运单号为 6 到 40 位字母、数字或短横线")).to_be_visible()
    merchant.get_by_label(re.compile("运单号")).fill("SF1234567890")
    merchant.get_by_role("button", name="确认发货").click()
    expect(merchant.get_by_text("已发货").first).to_be_visible()
    order.refresh_from_db()
    assert order.status == "shipped"


def test_points_are_adjusted_in_a_dialog_with_a_reason(merchant: Page) -> None:
    order = _a_paid_order()
    member = Member.objects.get(pk=order.member_id)

    merchant.goto(f"/admin/members/member/{member.pk}/change/")
    merchant.get_by_role("link", name="调整积分").or_(merchant.get_by_role("button", name="调整积分")).first.click()
    merchant.get_by_label(re.compile("变动积分")).fill("88")
    merchant.get_by_label(re.compile("原因")).fill("门店活动补发")
    merchant.get_by_role("button", name="确认调整").click()
    expect(merchant.get_by_text(re.compile(r"积分已调整 \+88，现有 138 积分"))).to_be_visible()
    assert ledger.balance(account=member.points_account_id, at=timezone.now()).spendable == 50 + 88


def test_a_campaign_is_paused_and_its_sentence_is_read(merchant: Page) -> None:
    campaign = Campaign.objects.get(code="over-500")

    merchant.goto("/admin/campaigns/campaign/")
    merchant.get_by_role("link", name="满 500 加 100").click()
    expect(merchant.get_by_text(re.compile("满 ?¥?500.*100 积分", re.DOTALL)).first).to_be_visible()
    merchant.get_by_role("link", name=re.compile("暂停")).or_(
        merchant.get_by_role("button", name=re.compile("暂停"))
    ).first.click()
    merchant.get_by_role("button", name="确认暂停").click()
    expect(merchant.get_by_text(re.compile("已暂停")).first).to_be_visible()
    campaign.refresh_from_db()
    assert campaign.status == "paused"


def test_a_product_with_a_sku_is_put_up_for_sale(merchant: Page) -> None:
    category = Category.objects.get(slug="tea")
    merchant.goto(f"/admin/mall/product/add/?category={category.pk}")
    merchant.locator("input[name=name]").fill("桂花乌龙")
    merchant.locator("input[name=subtitle]").fill("秋日限定")
    merchant.locator("input[name=is_on_sale]").check(force=True)
    merchant.get_by_text("规格", exact=True).first.click()
    merchant.get_by_text(re.compile("新增一行|添加另一个|增加")).filter(visible=True).first.click()
    merchant.locator("input[name=skus-0-code]").fill("OOLONG-1")
    merchant.locator("input[name=skus-0-label]").fill("100 克")
    merchant.locator("input[name=skus-0-price_cents]").fill("68.50")
    merchant.locator("input[name=skus-0-first_stock]").fill("30")
    merchant.get_by_role("button", name="保存", exact=True).click()
    expect(merchant.get_by_text(re.compile("桂花乌龙")).first).to_be_visible()
    sku = Sku.objects.get(code="OOLONG-1")
    assert (sku.product.name, sku.price_cents, sku.stocks.get().available) == ("桂花乌龙", 6850, 30)
