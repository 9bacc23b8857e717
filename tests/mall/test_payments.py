"""Notices of payment: twice, late, forged, with another amount. Nothing is booked twice, nothing is lost."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.test import override_settings

from config.core.errors import InvalidInput, NotFound
from mall.models import Order, Payment
from mall.payment_providers import ProviderUnavailable, available
from mall.services import orders, payments
from members.models import Member, Tier
from tests.mall.builders import (
    AT,
    LATER,
    FakePromotions,
    a_buyer,
    a_sku,
    facts_of,
    pay,
    place,
    points_of,
    shelf,
    start,
    succeed,
)

pytestmark = pytest.mark.django_db


def test_paying_takes_goods_and_points_and_fixes_what_the_order_is_judged_by(shop: None) -> None:
    member, sku = a_buyer(tier="gold", points=500), a_sku()
    placed = place(member, (sku, 2), points=500)
    assert pay(placed.order_id) == payments.PaymentOutcome.PAID
    order = Order.objects.get(pk=placed.order_id)
    assert (order.status, order.paid_at) == ("paid", LATER)
    assert order.judged_as == {
        "tier_code": "gold",
        "tier_name": "黄金会员",
        "points_multiplier": "1.50",
        "channel": "h5",
        "paid_at": LATER.isoformat(),
    }
    assert shelf(sku) == (8, 0)
    assert points_of(member) == (0, 0)
    sku.product.refresh_from_db()
    assert sku.product.sold_count == 2
    assert facts_of(order.pk) == ["OrderPlaced", "OrderPaid"]


def test_a_tier_reached_after_payment_does_not_change_the_judgement(shop: None) -> None:
    member = a_buyer(tier="bronze")
    placed = place(member, (a_sku(), 1))
    pay(placed.order_id)
    Member.objects.filter(pk=member.pk).update(tier=Tier.objects.get(code="diamond"))
    assert Order.objects.get(pk=placed.order_id).judged_as["tier_code"] == "bronze"


def test_a_notice_that_comes_twice_is_booked_once(shop: None) -> None:
    sku = a_sku()
    placed = place(a_buyer(), (sku, 1))
    started = start(placed.order_id)
    assert succeed(started) == payments.PaymentOutcome.PAID
    assert succeed(started, at=LATER + timedelta(hours=1)) == payments.PaymentOutcome.ALREADY_RECORDED
    assert facts_of(placed.order_id) == ["OrderPlaced", "OrderPaid"]
    assert shelf(sku) == (9, 0)
    assert Payment.objects.get().succeeded_at == LATER


def test_a_second_transaction_for_a_paid_attempt_is_refused(shop: None) -> None:
    placed = place(a_buyer(), (a_sku(), 1))
    started = start(placed.order_id)
    succeed(started, transaction_id="t1")
    with pytest.raises(payments.TransactionReused):
        succeed(started, transaction_id="t2")


def test_one_transaction_cannot_pay_two_orders(shop: None) -> None:
    member, sku = a_buyer(), a_sku()
    first, second = place(member, (sku, 1)), place(member, (sku, 1))
    succeed(start(first.order_id), transaction_id="t1")
    with pytest.raises(payments.TransactionReused):
        succeed(start(second.order_id), transaction_id="t1")
    assert Order.objects.get(pk=second.order_id).status == "created"


def test_money_that_comes_after_the_order_was_cancelled_goes_back(shop: None) -> None:
    member, sku = a_buyer(points=500), a_sku()
    placed = place(member, (sku, 1), points=500)
    started = start(placed.order_id)
    with transaction.atomic():
        orders.cancel(order_id=placed.order_id, at=LATER)
    assert succeed(started) == payments.PaymentOutcome.RETURNED
    assert succeed(started) == payments.PaymentOutcome.ALREADY_RECORDED
    payment = Payment.objects.get()
    assert (payment.status, payment.transaction_id) == ("refunded", f"t-{payment.out_trade_no}")
    assert Order.objects.get(pk=placed.order_id).status == "cancelled"
    assert facts_of(placed.order_id) == ["OrderPlaced", "OrderCancelled", "PaymentReturned"]
    assert (shelf(sku), points_of(member)) == ((10, 0), (500, 0))


def test_a_second_attempt_that_succeeds_too_goes_back(shop: None) -> None:
    placed = place(a_buyer(), (a_sku(), 1))
    first = start(placed.order_id)
    other = Payment.objects.create(
        order_id=placed.order_id, provider="sandbox", out_trade_no="2", amount_cents=19900, created_at=AT
    )
    succeed(first)
    second = payments.PaymentStart(payment_id=other.pk, out_trade_no="2", amount_cents=19900, provider="sandbox")
    assert succeed(second) == payments.PaymentOutcome.RETURNED
    assert sorted(Payment.objects.values_list("status", flat=True)) == ["refunded", "succeeded"]


@pytest.mark.parametrize("cents", [0, 19899, 19901, -1])
def test_another_amount_is_written_down_and_never_pays(shop: None, cents: int) -> None:
    sku = a_sku()
    placed = place(a_buyer(), (sku, 1))
    started = start(placed.order_id)
    assert succeed(started, cents=cents) == payments.PaymentOutcome.AMOUNT_MISMATCH
    payment = Payment.objects.get()
    assert (payment.status, payment.wrong_amount_cents, payment.wrong_amount_at) == ("created", cents, LATER)
    assert (Order.objects.get().status, shelf(sku)) == ("created", (9, 1))
    assert succeed(started) == payments.PaymentOutcome.PAID


@pytest.mark.parametrize("number", ["forged", "1" * 400, "a\0b", ""])
def test_a_forged_attempt_number_is_refused(shop: None, number: str) -> None:
    with transaction.atomic(), pytest.raises(payments.UnknownPayment):
        payments.record_success(out_trade_no=number, amount_cents=1, transaction_id="t", payer=None, at=AT)


@pytest.mark.parametrize(("cents", "transaction_id"), [(10**30, "t"), (19900, "x" * 65), (19900, "a\0b"), (19900, " ")])
def test_a_notice_that_no_provider_sends_is_refused(shop: None, cents: int, transaction_id: str) -> None:
    placed = place(a_buyer(), (a_sku(), 1))
    with pytest.raises(InvalidInput):
        succeed(start(placed.order_id), cents=cents, transaction_id=transaction_id)
    assert Order.objects.get().status == "created"


def test_starting_again_returns_the_open_attempt(shop: None) -> None:
    placed = place(a_buyer(), (a_sku(), 1))
    assert start(placed.order_id) == start(placed.order_id)
    assert Payment.objects.count() == 1


def test_an_order_whose_time_has_run_out_cannot_be_paid(shop: None) -> None:
    placed = place(a_buyer(), (a_sku(), 1))
    start(placed.order_id, at=AT + timedelta(minutes=30) - timedelta(seconds=1))
    with pytest.raises(payments.OrderExpired):
        start(placed.order_id, at=AT + timedelta(minutes=30))


def test_money_that_comes_late_but_before_the_cancellation_still_pays(shop: None) -> None:
    placed = place(a_buyer(), (a_sku(), 1))
    assert succeed(start(placed.order_id), at=AT + timedelta(hours=2)) == payments.PaymentOutcome.PAID


def test_another_members_order_is_not_found(shop: None) -> None:
    placed = place(a_buyer(), (a_sku(), 1))
    with transaction.atomic(), pytest.raises(NotFound):
        payments.start_payment(order_id=placed.order_id, member_id=a_buyer().pk, provider="sandbox", at=LATER)


@override_settings(SANDBOX_CASHIER=False)
def test_without_the_sandbox_nobody_pays_by_it(shop: None) -> None:
    placed = place(a_buyer(), (a_sku(), 1))
    assert available() == []
    with pytest.raises(ProviderUnavailable):
        start(placed.order_id)


def test_a_notice_of_a_provider_that_was_switched_off_is_refused(shop: None) -> None:
    placed = place(a_buyer(), (a_sku(), 1))
    started = start(placed.order_id)
    with override_settings(SANDBOX_CASHIER=False), pytest.raises(ProviderUnavailable):
        succeed(started)
    assert Order.objects.get().status == "created"


def test_a_provider_nobody_knows_is_refused(shop: None) -> None:
    placed = place(a_buyer(), (a_sku(), 1))
    with transaction.atomic(), pytest.raises(ProviderUnavailable):
        payments.start_payment(order_id=placed.order_id, provider="gold-bars", at=LATER)


def test_promotions_stay_claimed_when_the_order_is_paid(shop: None, promotions: FakePromotions) -> None:
    promotions.off = 1000
    placed = place(a_buyer(), (a_sku(), 1))
    pay(placed.order_id)
    assert (promotions.claimed, promotions.released) == ([placed.order_id], [])
