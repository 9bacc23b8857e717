"""A gold member buys on a double Wednesday, all presets live, every room awake: to the exact point and word."""

from datetime import datetime, timedelta

import pytest
from django.db import transaction

from campaigns.models import Grant, Receipt
from campaigns.services.presets import install_presets
from config.core.time import SHANGHAI
from config.outbox.services import deliveries
from mall.models import Order, OrderLine, Sku, Stock
from mall.selectors.baskets import Wanted
from mall.selectors.checkout import checkout
from mall.services import checkout as placing
from mall.services import orders, payments, refunds
from mall.services.defaults import ensure_defaults as ensure_mall_defaults
from members.models import Member
from members.rules.addresses import AddressForm
from members.services import addresses, growth, registration
from members.services.defaults import ensure_defaults as ensure_member_defaults
from points import ledger
from tests.mall.builders import a_sku

OPENED = datetime(2026, 11, 2, 9, 0, tzinfo=SHANGHAI)
WEDNESDAY = datetime(2026, 11, 18, 20, 30, tzinfo=SHANGHAI)
FRIDAY = WEDNESDAY + timedelta(days=2)


@pytest.fixture
def shop(transactional_db: None) -> None:
    with transaction.atomic():
        ensure_member_defaults()
        ensure_mall_defaults()
        install_presets(at=OPENED, live_from=OPENED)


@pytest.fixture
def member(shop: None) -> Member:
    """A gold member: 50 points as a newcomer, 5,000 growth from elsewhere."""
    with transaction.atomic():
        member_id = registration.register_by_phone(phone="13800001234", channel="h5", at=OPENED).member_id
        growth.post_growth(
            member_id=member_id, points=5000, key="moved-in", source="test", at=OPENED, cause="从旧系统迁入"
        )
        form = AddressForm(recipient="小杉", phone="13800001234", region_code="330108", detail="江南大道 1 号")
        addresses.save_address(member_id=member_id, form=form, at=OPENED)
    deliveries.deliver_all(at=OPENED)
    return Member.objects.get(pk=member_id)


def _buy(member: Member, sku: Sku, quantity: int) -> int:
    """Placed and paid on Wednesday, received on Friday, every fact delivered; the order's id."""
    lines = [Wanted(sku_id=sku.pk, quantity=quantity)]
    shown = checkout(member_id=member.pk, lines=lines, channel="h5", at=WEDNESDAY).priced
    with transaction.atomic():
        order_id = placing.place_order(
            member_id=member.pk,
            lines=lines,
            address_id=member.addresses.values_list("pk", flat=True)[0],
            points=0,
            channel="h5",
            submit_key="one",
            expected_payable_cents=shown.payable_cents,
            at=WEDNESDAY,
        ).order_id
        start = payments.start_payment(order_id=order_id, member_id=member.pk, provider="sandbox", at=WEDNESDAY)
        payments.record_success(
            out_trade_no=start.out_trade_no,
            amount_cents=start.amount_cents,
            transaction_id="T1",
            payer=None,
            at=WEDNESDAY,
        )
        orders.mark_shipped(
            order_id=order_id, carrier="顺丰速运", tracking_no="SF1234567890", at=WEDNESDAY + timedelta(hours=18)
        )
        orders.confirm_receipt(order_id=order_id, member_id=member.pk, at=FRIDAY)
    deliveries.deliver_all(at=FRIDAY)
    return order_id


def _points(member: Member, at: datetime) -> int:
    return ledger.balance(account=member.points_account_id, at=at).spendable


def _growth(member: Member, at: datetime) -> int:
    return ledger.balance(account=member.growth_account_id, at=at).spendable


def test_a_gold_members_199_yuan_paid_on_a_wednesday_earn_597_points_and_the_receipt_says_why(member: Member) -> None:
    sku = a_sku(price_cents=20900, stock=5)

    order_id = _buy(member, sku, 1)

    order = Order.objects.get(pk=order_id)
    assert (order.status, order.goods_cents, order.discount_cents, order.freight_cents) == ("completed", 20900, 1000, 0)
    assert order.payable_cents == 19900
    assert _points(member, FRIDAY) == 50 + 597
    assert _growth(member, FRIDAY) == 5000 + 199
    receipt = Receipt.objects.get(member=member, occurrence=f"order:{order_id}")
    assert (receipt.points, receipt.growth, receipt.base_cents) == (597, 199, 19900)
    assert [(s["campaign"], s["text"], s["value"]) for s in receipt.steps if s["asset"] == "points"] == [
        ("消费得积分", "¥199.00 × 1 积分/元", "199"),
        ("黄金会员", "等级积分 ×1.5", "298.5"),
        ("每周三会员日双倍积分", "积分 ×2", "597"),
        ("", "199 × 1.5 × 2 = 597", "597"),
    ]
    assert [(n["campaign"], n["why"]) for n in receipt.nearly] == [
        ("满 500 加 100", "差 ¥301.00 满 500 元"),
        ("每月 15 日双倍积分", "仅限每月 15 日"),
    ]
    grants = Grant.objects.filter(occurrence=f"order:{order_id}").order_by("campaign__position")
    assert [(g.campaign.code, g.points, g.growth) for g in grants] == [("base", 298, 199), ("wednesday-double", 299, 0)]
    assert ledger.audit() == []


def test_a_part_refund_takes_back_its_part_and_the_rest_takes_back_the_rest(member: Member) -> None:
    sku = a_sku(price_cents=10450, stock=5)
    order_id = _buy(member, sku, 2)
    line = OrderLine.objects.get(order_id=order_id)
    assert _points(member, FRIDAY) == 50 + 597

    for number, (cash, points_left, growth_left) in enumerate(
        [(9950, 50 + 299, 5000 + 100), (9950, 50, 5000)], start=1
    ):
        at = FRIDAY + timedelta(days=number)
        with transaction.atomic():
            preview = refunds.preview_refund(order_id=order_id, lines={line.pk: 1}, at=at)
        before = _points(member, at), _growth(member, at)
        with transaction.atomic():
            done = refunds.refund(order_id=order_id, lines={line.pk: 1}, key=f"r{number}", reason="不合适", at=at)
        deliveries.deliver_all(at=at)
        assert done.cash_cents == preview.cash_cents == cash
        assert (_points(member, at), _growth(member, at)) == (points_left, growth_left)
        assert before[0] - points_left == preview.points_clawed_back
        assert before[1] - growth_left == preview.growth_clawed_back

    order = Order.objects.get(pk=order_id)
    assert (order.refunded_cents, order.payable_cents) == (19900, 19900)
    assert [r.points for r in Receipt.objects.filter(occurrence__startswith="refund:").order_by("pk")] == [-298, -299]
    assert Stock.objects.get(sku=sku).available == 3
    assert ledger.audit() == []


def test_giving_waits_for_completion_and_a_refund_before_it_earns_nothing_for_what_went_back(member: Member) -> None:
    sku = a_sku(price_cents=10450, stock=5)
    lines = [Wanted(sku_id=sku.pk, quantity=2)]
    shown = checkout(member_id=member.pk, lines=lines, channel="h5", at=WEDNESDAY).priced
    with transaction.atomic():
        order_id = placing.place_order(
            member_id=member.pk,
            lines=lines,
            address_id=member.addresses.values_list("pk", flat=True)[0],
            points=0,
            channel="h5",
            submit_key="one",
            expected_payable_cents=shown.payable_cents,
            at=WEDNESDAY,
        ).order_id
        start = payments.start_payment(order_id=order_id, member_id=member.pk, provider="sandbox", at=WEDNESDAY)
        payments.record_success(
            out_trade_no=start.out_trade_no,
            amount_cents=start.amount_cents,
            transaction_id="T1",
            payer=None,
            at=WEDNESDAY,
        )
    deliveries.deliver_all(at=WEDNESDAY)
    assert _points(member, WEDNESDAY) == 50

    with transaction.atomic():
        line = OrderLine.objects.get(order_id=order_id)
        refunds.refund(order_id=order_id, lines={line.pk: 1}, key="r1", reason="少买一件", at=WEDNESDAY)
        orders.mark_shipped(order_id=order_id, carrier="顺丰速运", tracking_no="SF1234567890", at=FRIDAY)
        orders.confirm_receipt(order_id=order_id, member_id=member.pk, at=FRIDAY)
    deliveries.deliver_all(at=FRIDAY)

    assert _points(member, FRIDAY) == 50 + 298  # 99.50 × 1.5 × 2 = 298.5, rounded down once
    assert ledger.audit() == []
