"""Refunds: cash as allocated, points into their lots, goods that never left on sale again."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.test import override_settings
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from config.core.errors import InvalidInput, NotFound
from config.outbox.models import Message
from mall.models import Order, OrderLine, Refund
from mall.selectors.judgement import judgement
from mall.services import refunds
from mall.services.defaults import ensure_defaults
from points import ledger
from tests.mall.builders import (
    AT,
    LATER,
    FakePromotions,
    a_buyer,
    a_paid_order,
    a_sku,
    facts_of,
    give_points,
    pay,
    points_of,
    receive,
    redeem,
    shelf,
    ship,
)

db = pytest.mark.django_db


def lines_of(order: Order) -> list[OrderLine]:
    return list(order.lines.order_by("pk"))


def give_back(
    order: Order, quantities: dict[int, int], *, key: str = "r1", reason: str = "不想要了"
) -> refunds.RefundDone:
    with transaction.atomic():
        return refunds.refund(order_id=order.pk, lines=quantities, key=key, reason=reason, at=LATER)


def preview(order: Order, quantities: dict[int, int]) -> refunds.RefundPreview:
    with transaction.atomic():
        return refunds.preview_refund(order_id=order.pk, lines=quantities, at=LATER)


@db
def test_a_part_comes_back_as_it_was_allocated(shop: None, promotions: FakePromotions) -> None:
    promotions.off = 1000
    member, tea, cup = a_buyer(points=900), a_sku(price_cents=9000), a_sku(price_cents=5000, name="茶杯")
    order = a_paid_order(member, (tea, 2), (cup, 1), points=900)
    first, second = lines_of(order)
    assert [(line.paid_cents, line.points_spent) for line in (first, second)] == [(16305, 695), (4795, 205)]
    done = give_back(order, {first.pk: 1})
    assert (done.cash_cents, done.points) == (8152, 347)
    order.refresh_from_db()
    first.refresh_from_db()
    assert (order.status, order.refunded_cents) == ("paid", 8152)
    assert (first.refunded_quantity, first.refunded_cents, first.refunded_points) == (1, 8152, 347)
    assert points_of(member) == (347, 0)
    assert (shelf(tea), shelf(cup)) == ((9, 0), (9, 0))
    fact = Message.objects.get(event="mall.OrderRefunded").payload
    assert (fact["order_id"], fact["refund_id"], fact["cash_cents"], fact["whole_order"]) == (
        order.pk,
        done.refund_id,
        8152,
        False,
    )


@db
def test_the_preview_is_what_the_refund_does(shop: None, promotions: FakePromotions) -> None:
    promotions.off = 1000
    order = a_paid_order(a_buyer(points=900), (a_sku(price_cents=9000), 3), points=900)
    (line,) = lines_of(order)
    for key, quantity in (("a", 1), ("b", 2)):
        shown = preview(order, {line.pk: quantity})
        before = Order.objects.values_list("refunded_cents", "status").get(pk=order.pk)
        done = give_back(order, {line.pk: quantity}, key=key)
        assert before == (0 if key == "a" else 8366, "paid")
        assert (shown.cash_cents, shown.points_back) == (done.cash_cents, done.points)
        assert shown.points_clawed_back == shown.goods_cents // 100
        assert [(part.quantity, part.cash_cents, part.points) for part in shown.lines] == list(
            Refund.objects.get(pk=done.refund_id).lines.values_list("quantity", "cash_cents", "points")
        )


@db
def test_a_whole_order_that_never_shipped_comes_back_with_freight_and_is_closed(
    shop: None, promotions: FakePromotions
) -> None:
    promotions.off = 100
    member, sku = a_buyer(points=900), a_sku(price_cents=3000)
    order = a_paid_order(member, (sku, 2), points=900)
    (line,) = lines_of(order)
    assert order.payable_cents == 6000 - 100 - 900 + 800
    done = give_back(order, {line.pk: 2})
    order.refresh_from_db()
    assert (done.cash_cents, order.status, order.refunded_cents) == (5800, "cancelled", 5800)
    assert (shelf(sku), points_of(member), promotions.released) == ((10, 0), (900, 0), [order.pk])
    payload = Message.objects.get(event="mall.OrderRefunded").payload
    assert (payload["cash_cents"], payload["whole_order"]) == (5000, True)


@db
def test_freight_and_stock_stay_once_the_goods_have_left(shop: None) -> None:
    sku = a_sku(price_cents=3000)
    order = a_paid_order(a_buyer(), (sku, 2))
    ship(order.pk)
    done = give_back(order, {lines_of(order)[0].pk: 2})
    order.refresh_from_db()
    assert (done.cash_cents, order.status, shelf(sku)) == (6000, "cancelled", (8, 0))


@db
def test_a_completed_order_stays_completed(shop: None, promotions: FakePromotions) -> None:
    order = a_paid_order(a_buyer(), (a_sku(), 1))
    ship(order.pk)
    receive(order.pk)
    give_back(order, {lines_of(order)[0].pk: 1})
    order.refresh_from_db()
    assert (order.status, promotions.released) == ("completed", [])
    assert facts_of(order.pk)[-2:] == ["OrderCompleted", "OrderRefunded"]


@db
def test_points_go_back_to_the_lots_that_they_came_from(shop: None) -> None:
    member = a_buyer()
    give_points(member, 300, key="soon", expires_at=AT + timedelta(days=3))
    give_points(member, 300, key="late", expires_at=AT + timedelta(days=300))
    order = a_paid_order(member, (a_sku(), 2), points=600)
    give_back(order, {lines_of(order)[0].pk: 1})
    balance = ledger.balance(account=member.points_account_id, at=LATER)
    assert balance.lapsing == [(AT + timedelta(days=300), 300)]


@db
def test_what_campaigns_judge_is_net_of_refunds(shop: None) -> None:
    order = a_paid_order(a_buyer(tier="gold"), (a_sku(), 2))
    give_back(order, {lines_of(order)[0].pk: 1})
    facts = judgement(order_id=order.pk)
    assert (facts.goods_paid_cents, facts.refunded_goods_cents, facts.earn_base_cents) == (39800, 19900, 19900)
    assert (facts.tier_code, str(facts.points_multiplier), facts.paid_at) == ("gold", "1.50", LATER)


@db
def test_the_same_key_gives_back_once(shop: None) -> None:
    order = a_paid_order(a_buyer(), (a_sku(), 2))
    (line,) = lines_of(order)
    assert give_back(order, {line.pk: 1}) == give_back(order, {line.pk: 1})
    with pytest.raises(refunds.RefundKeyReused):
        give_back(order, {line.pk: 2})
    assert Refund.objects.count() == 1


@db
def test_a_key_of_a_whole_refund_is_known_after_the_order_was_closed(shop: None) -> None:
    order = a_paid_order(a_buyer(), (a_sku(), 1))
    (line,) = lines_of(order)
    assert give_back(order, {line.pk: 1}) == give_back(order, {line.pk: 1})


@db
@pytest.mark.parametrize("quantity", [3, -1, 10**20])
def test_more_than_is_left_or_less_than_nothing_is_refused(shop: None, quantity: int) -> None:
    order = a_paid_order(a_buyer(), (a_sku(), 2), (a_sku(name="茶杯"), 1))
    first, second = lines_of(order)
    with pytest.raises(refunds.RefundQuantityTooLarge, match="「明前龙井」最多还能退 2 件"):
        give_back(order, {first.pk: quantity, second.pk: 1})
    assert Refund.objects.count() == 0


@db
def test_nothing_named_is_refused(shop: None) -> None:
    order = a_paid_order(a_buyer(), (a_sku(), 2))
    (line,) = lines_of(order)
    for nothing in ({}, {line.pk: 0}):
        with pytest.raises(refunds.NothingToRefund):
            give_back(order, nothing)


@db
def test_a_line_of_another_order_is_not_found(shop: None) -> None:
    member, sku = a_buyer(), a_sku()
    order, other = a_paid_order(member, (sku, 1)), a_paid_order(member, (sku, 1))
    with pytest.raises(NotFound):
        give_back(order, {lines_of(other)[0].pk: 1})


@db
def test_a_reason_that_is_too_long_is_refused_at_its_field(shop: None) -> None:
    order = a_paid_order(a_buyer(), (a_sku(), 1))
    with pytest.raises(InvalidInput) as refused:
        give_back(order, {lines_of(order)[0].pk: 1}, reason="长" * 101)
    assert set(refused.value.fields) == {"reason"}


@db
@pytest.mark.parametrize("key", ["", "x" * 81, "a\0b"])
def test_a_key_that_is_no_key_is_refused(shop: None, key: str) -> None:
    order = a_paid_order(a_buyer(), (a_sku(), 1))
    with pytest.raises(InvalidInput):
        give_back(order, {lines_of(order)[0].pk: 1}, key=key)


@db
def test_a_redemption_gives_points_and_its_cash_part_back(shop: None) -> None:
    member, sku = a_buyer(points=7000), a_sku(redeem_points=3000, redeem_cash_cents=990)
    placed = redeem(member, sku, quantity=2, points=6000, cash_cents=1980)
    pay(placed.order_id)
    order = Order.objects.get(pk=placed.order_id)
    done = give_back(order, {lines_of(order)[0].pk: 1})
    assert (done.cash_cents, done.points, points_of(member)) == (990, 3000, (4000, 0))
    assert judgement(order_id=order.pk).earn_base_cents == 0


class RefundSequences(TestCase):
    """Real refunds in random order."""

    @settings(max_examples=15)
    @given(st.data())
    @override_settings(POLICIES={"points_deduction_step": 1})
    def test_any_sequence_of_refunds_gives_back_exactly_what_was_paid(self, data: st.DataObject) -> None:
        with transaction.atomic():
            ensure_defaults()
        skus = [
            a_sku(price_cents=data.draw(st.integers(1, 5000)), stock=20) for _ in range(data.draw(st.integers(1, 3)))
        ]
        wanted = [(sku, data.draw(st.integers(1, 4))) for sku in skus]
        member = a_buyer(points=3000)
        most = sum(sku.price_cents * quantity for sku, quantity in wanted) // 2
        order = a_paid_order(member, *wanted, points=data.draw(st.integers(0, min(most, 3000))))
        spent = 3000 - points_of(member)[0]
        assert spent == order.points_spent
        number = 0
        while left := {line.pk: line.quantity - line.refunded_quantity for line in lines_of(order)}:
            if not any(left.values()):
                break
            chosen = {pk: data.draw(st.integers(0, quantity)) for pk, quantity in left.items()}
            number += 1
            give_back(order, chosen if any(chosen.values()) else left, key=f"r{number}")
        order.refresh_from_db()
        assert (order.refunded_cents, order.status) == (order.payable_cents, "cancelled")
        assert sum(order.refunds.values_list("cash_cents", flat=True)) == order.payable_cents
        assert points_of(member) == (3000, 0)
        assert [shelf(sku) for sku in skus] == [(20, 0) for _ in skus]
        assert ledger.audit() == []
