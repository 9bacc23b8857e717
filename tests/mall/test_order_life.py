"""The states of an order: every move that is allowed, and every one that is refused with a sentence."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import override_settings

from config.core.errors import InvalidInput, NotFound
from mall.models import Order, OrderLine, Payment, Shipment
from mall.services import orders, payments, refunds
from mall.tasks import cancel_unpaid_orders, complete_received_orders
from tests.mall.builders import (
    AT,
    LATER,
    FakePromotions,
    a_buyer,
    a_paid_order,
    a_sku,
    facts_of,
    pay,
    place,
    points_of,
    receive,
    shelf,
    ship,
    start,
)

pytestmark = pytest.mark.django_db
WAIT = override_settings(POLICIES={"completed_after_received_days": 7})


def refund_one(order_id: int) -> None:
    line = OrderLine.objects.filter(order=order_id).first()
    assert line is not None
    refunds.refund(order_id=order_id, lines={line.pk: 1}, key="r", reason="", at=LATER)


MOVES: dict[str, Callable[[int], object]] = {
    "支付": lambda order_id: orders.mark_paid(order_id=order_id, at=LATER),
    "取消": lambda order_id: orders.cancel(order_id=order_id, at=LATER),
    "发货": lambda order_id: orders.mark_shipped(order_id=order_id, carrier="顺丰", tracking_no="1", at=LATER),
    "确认收货": lambda order_id: orders.confirm_receipt(order_id=order_id, at=LATER),
    "退款": refund_one,
}
ALLOWED = {
    "created": {"支付", "取消"},
    "paid": {"发货", "退款"},
    "shipped": {"确认收货", "退款"},
    "received": {"退款"},
    "completed": {"退款"},
    "cancelled": set(),
}
LABELS = dict(Order.Status.choices)


def an_order_in(status: str) -> int:
    """An order brought to that status through the services."""
    placed = place(a_buyer(), (a_sku(), 2))
    if status == "cancelled":
        with transaction.atomic():
            orders.cancel(order_id=placed.order_id, at=LATER)
        return placed.order_id
    steps = ["created", "paid", "shipped", "received"]
    reached = steps[: steps.index("received" if status == "completed" else status) + 1]
    if "paid" in reached:
        pay(placed.order_id)
    if "shipped" in reached:
        ship(placed.order_id)
    if "received" in reached:
        receive(placed.order_id)
    return placed.order_id


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("status", ALLOWED)
def test_an_order_makes_only_the_moves_of_its_state(shop: None, status: str, move: str) -> None:
    with override_settings(POLICIES={"completed_after_received_days": 7 if status == "received" else 0}):
        order_id = an_order_in(status)
        assert Order.objects.get(pk=order_id).status == status
        before = facts_of(order_id)
        if move in ALLOWED[status]:
            with transaction.atomic():
                MOVES[move](order_id)
            assert len(facts_of(order_id)) == len(before) + 1
            return
        with pytest.raises(orders.OrderStateConflict) as refused, transaction.atomic():
            MOVES[move](order_id)
        assert refused.value.text == f"订单{LABELS[status]}，不能{move}"
        assert (Order.objects.get(pk=order_id).status, facts_of(order_id)) == (status, before)


def test_cancelling_gives_everything_back(shop: None, promotions: FakePromotions) -> None:
    promotions.off = 1000
    member, sku = a_buyer(points=900), a_sku()
    placed = place(member, (sku, 2), points=900)
    start(placed.order_id)
    with transaction.atomic():
        orders.cancel(order_id=placed.order_id, member_id=member.pk, at=LATER)
    order = Order.objects.get(pk=placed.order_id)
    assert (order.status, order.cancelled_at) == ("cancelled", LATER)
    assert (shelf(sku), points_of(member), promotions.released) == ((10, 0), (900, 0), [order.pk])
    assert Payment.objects.get().status == "closed"
    assert facts_of(order.pk) == ["OrderPlaced", "OrderCancelled"]


def test_nobody_cancels_or_confirms_another_members_order(shop: None) -> None:
    placed, stranger = place(a_buyer(), (a_sku(), 1)), a_buyer()
    with pytest.raises(NotFound), transaction.atomic():
        orders.cancel(order_id=placed.order_id, member_id=stranger.pk, at=LATER)
    pay(placed.order_id)
    ship(placed.order_id)
    with pytest.raises(NotFound), transaction.atomic():
        orders.confirm_receipt(order_id=placed.order_id, member_id=stranger.pk, at=LATER)
    assert Order.objects.get().status == "shipped"


def test_shipping_records_carrier_and_number(shop: None) -> None:
    order = a_paid_order(a_buyer(), (a_sku(), 1))
    ship(order.pk)
    parcel = Shipment.objects.get(order=order)
    assert (parcel.carrier, parcel.tracking_no, parcel.shipped_at) == ("顺丰速运", "SF1234567890", LATER)
    assert facts_of(order.pk) == ["OrderPlaced", "OrderPaid", "OrderShipped"]


@pytest.mark.parametrize(
    ("carrier", "tracking_no", "fields"),
    [
        ("", "1", {"carrier"}),
        ("顺丰", "  ", {"tracking_no"}),
        ("顺" * 21, "1" * 41, {"carrier", "tracking_no"}),
        ("\0", "1", {"carrier"}),
    ],
)
def test_a_shipping_label_without_its_parts_is_refused_at_the_field(shop, carrier, tracking_no, fields) -> None:
    order = a_paid_order(a_buyer(), (a_sku(), 1))
    with pytest.raises(InvalidInput) as refused, transaction.atomic():
        orders.mark_shipped(order_id=order.pk, carrier=carrier, tracking_no=tracking_no, at=LATER)
    assert set(refused.value.fields) == fields


def test_receipt_completes_at_once_unless_the_shop_waits(shop: None) -> None:
    order = a_paid_order(a_buyer(), (a_sku(), 1))
    ship(order.pk)
    receive(order.pk)
    order.refresh_from_db()
    assert (order.status, order.received_at, order.completed_at) == ("completed", LATER, LATER)
    assert facts_of(order.pk)[-1] == "OrderCompleted"


@WAIT
def test_a_received_order_is_completed_when_the_wait_is_over_and_only_once(shop: None) -> None:
    order = a_paid_order(a_buyer(), (a_sku(), 1))
    ship(order.pk)
    receive(order.pk)
    due = LATER + timedelta(days=7)
    assert complete_received_orders(at=(due - timedelta(seconds=1)).isoformat()) == 0
    assert complete_received_orders(at=due.isoformat()) == 1
    assert complete_received_orders(at=due.isoformat()) == 0
    order.refresh_from_db()
    assert (order.status, order.completed_at) == ("completed", due)
    assert facts_of(order.pk).count("OrderCompleted") == 1


def test_overdue_orders_are_cancelled_and_only_once(shop: None) -> None:
    member, sku = a_buyer(), a_sku()
    overdue, paid, fresh = place(member, (sku, 1)), place(member, (sku, 1)), place(member, (sku, 1), at=LATER)
    pay(paid.order_id)
    at = (AT + timedelta(minutes=30)).isoformat()
    assert cancel_unpaid_orders(at=at) == 1
    assert cancel_unpaid_orders(at=at) == 0
    statuses = dict(Order.objects.values_list("pk", "status"))
    assert statuses == {overdue.order_id: "cancelled", paid.order_id: "paid", fresh.order_id: "created"}
    assert shelf(sku) == (8, 1)


def test_a_run_cancels_no_more_than_its_limit(shop: None) -> None:
    member, sku = a_buyer(), a_sku()
    for _ in range(3):
        place(member, (sku, 1))
    at = (AT + timedelta(hours=1)).isoformat()
    assert [cancel_unpaid_orders(at=at, limit=2), cancel_unpaid_orders(at=at, limit=2)] == [2, 1]


def test_one_order_that_fails_does_not_stop_the_others(shop: None, monkeypatch: pytest.MonkeyPatch) -> None:
    member, sku = a_buyer(), a_sku()
    first, second = place(member, (sku, 1)), place(member, (sku, 1))
    give_up = orders._give_up

    def fail_for_the_first(order, at):
        if order.pk == first.order_id:
            raise RuntimeError("broken")
        give_up(order, at)

    monkeypatch.setattr(orders, "_give_up", fail_for_the_first)
    assert cancel_unpaid_orders(at=(AT + timedelta(hours=1)).isoformat()) == 1
    assert dict(Order.objects.values_list("pk", "status")) == {first.order_id: "created", second.order_id: "cancelled"}


def test_the_database_refuses_an_order_that_does_not_add_up(shop: None) -> None:
    placed = place(a_buyer(), (a_sku(), 1))
    with pytest.raises(IntegrityError, match="order_payable_adds_up"), transaction.atomic():
        Order.objects.filter(pk=placed.order_id).update(payable_cents=1)


def test_a_paid_order_needs_no_payment_when_nothing_is_payable(shop: None) -> None:
    placed = place(a_buyer(), (a_sku(price_cents=0), 1))
    assert placed.payable_cents == 800
    assert pay(placed.order_id) == payments.PaymentOutcome.PAID
