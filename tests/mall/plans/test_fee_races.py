"""A payment that runs while the fee goes back: whichever is first, nobody keeps the plan's price and the whole fee."""

import threading

import pytest
from django.db import transaction

from mall.models import Order
from mall.services import plan_prices, plan_refunds
from mall.services.payments import PaymentOutcome
from tests.mall.builders import LATER, a_buyer, a_sku, place, shelf, start, succeed
from tests.mall.plans.test_fees_and_unpaid_orders import bought, state
from tests.mall.test_races import at_once
from tests.members.plans.factories import a_plan

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def give_back(fee: Order) -> int:
    """Preview and refund in one transaction, as the page does it."""
    with transaction.atomic():
        shown = plan_refunds.preview_own_fee(order_id=fee.pk, member_id=fee.member_id, at=LATER).cash_cents
        done = plan_refunds.refund_own_fee(order_id=fee.pk, member_id=fee.member_id, expected_cents=shown, at=LATER)
        return done.cash_cents


def pay_first(*, shown: threading.Event) -> tuple[list[object], tuple[str, str]]:
    """Outcomes of a payment that is booked and not committed when the fee is asked back, and the order's state."""
    member, sku = a_buyer(), a_sku(price_cents=12000)
    fee = bought(member, a_plan(refund_rule="minus_savings", refund_days=7))
    placed = place(member, (sku, 1))
    attempt, booked = start(placed.order_id), threading.Event()

    def pay_slowly() -> PaymentOutcome:
        with transaction.atomic():
            outcome = succeed(attempt)
            booked.set()
            shown.wait(timeout=1)
        return outcome

    def ask_back() -> int:
        booked.wait(timeout=20)
        cents = give_back(fee)
        shown.set()
        return cents

    return at_once([pay_slowly, ask_back]), state(placed.order_id)


def test_what_is_being_paid_counts_as_saved(committed_shop: None) -> None:
    assert pay_first(shown=threading.Event()) == ([PaymentOutcome.PAID, 9900 - 1200], ("paid", ""))


def test_control_without_the_lock_the_whole_fee_goes_back_and_the_price_is_kept(
    committed_shop: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan_prices, "unpaid_on", lambda *, fee: [])
    assert pay_first(shown=threading.Event()) == ([PaymentOutcome.PAID, 9900], ("paid", ""))


def test_money_that_comes_while_the_fee_goes_back_is_returned(committed_shop: None) -> None:
    member, sku = a_buyer(), a_sku(price_cents=12000)
    fee = bought(member, a_plan(refund_rule="minus_savings", refund_days=7))
    placed = place(member, (sku, 1))
    attempt, gone, told = start(placed.order_id), threading.Event(), threading.Event()

    def ask_back_slowly() -> int:
        with transaction.atomic():
            cents = give_back(fee)
            gone.set()
            told.wait(timeout=1)
        return cents

    def notice() -> PaymentOutcome:
        gone.wait(timeout=20)
        outcome = succeed(attempt)
        told.set()
        return outcome

    assert at_once([ask_back_slowly, notice]) == [9900, PaymentOutcome.RETURNED]
    assert (state(placed.order_id), shelf(sku)) == (("cancelled", "fee_returned"), (10, 0))


def test_many_at_once_end_either_way_and_never_in_a_deadlock(committed_shop: None) -> None:
    plan = a_plan(refund_rule="minus_savings", refund_days=7)
    skus = [a_sku(price_cents=12000, stock=100), a_sku(price_cents=12000, stock=100)]
    for _ in range(4):
        member = a_buyer(points=1000)
        fee = bought(member, plan, key=f"{member.pk}")
        placed = [place(member, *((sku, 1) for sku in order), points=100) for order in (skus, skus[::-1], skus)]
        attempts = [start(one.order_id) for one in placed]
        cents, *outcomes = at_once(
            [lambda fee=fee: give_back(fee), *(lambda one=one: succeed(one) for one in attempts)]
        )
        paid = outcomes.count(PaymentOutcome.PAID)
        assert outcomes.count(PaymentOutcome.RETURNED) == 3 - paid
        assert cents == 9900 - 2400 * paid
        assert [state(one.order_id)[0] for one in placed].count("paid") == paid
