"""Members are told of each step of their orders, once, in order; walk-ins and imports are not."""

import pytest
from django.db import transaction

from config.outbox.models import Delivery
from config.outbox.services.deliveries import deliver_all
from config.outbox.subscriptions import subscribe
from mall import handlers
from mall.events import OrderCompleted, OrderPaid, OrderRefunded, OrderShipped
from mall.models import Order, Shipment
from mall.services import refunds
from members.models import Message
from tests.mall.builders import (
    LATER,
    FakePromotions,
    a_buyer,
    a_paid_order,
    a_sku,
    give_points,
    pay,
    receive,
    redeem,
    ship,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def listening(promotions: FakePromotions) -> None:
    """In the mall's tests nobody listens; here one does."""
    for step in (OrderPaid, OrderShipped, OrderCompleted, OrderRefunded):
        subscribe(step, handlers.tell_member)


def told() -> list[tuple[str, str]]:
    deliver_all(at=LATER, fail_fast=True)
    return list(Message.objects.order_by("pk").values_list("title", "body"))


def test_each_step_is_told_with_what_it_is_about() -> None:
    order = a_paid_order(a_buyer(), (a_sku(), 2))
    ship(order.pk)
    receive(order.pk)
    line = order.lines.get()
    with transaction.atomic():
        refunds.refund(order_id=order.pk, lines={line.pk: 1}, key="r", reason="不想要了", at=LATER)
    assert told() == [
        ("订单付款成功", "明前龙井 等 2 件 已支付 ¥398.00，我们会尽快为您发货。"),
        ("您的订单已发货", "明前龙井 等 2 件 已由顺丰速运发出，运单号 SF1234567890。"),
        ("订单已完成", "明前龙井 等 2 件 已完成交易，感谢您的信任。"),
        ("退款 ¥199.00 已受理", f"订单 {order.number} 退回 ¥199.00：钱款原路退回付款账户，积分退回积分账户。"),
    ]
    assert set(Message.objects.values_list("link", flat=True)) == {f"/orders/{order.number}/"}


def test_facts_delivered_twice_are_told_once() -> None:
    order = a_paid_order(a_buyer(), (a_sku(), 1))
    told()
    Delivery.objects.update(state="pending", resolved_at=None)
    assert len(told()) == 1
    assert order.number in Message.objects.get().link


def test_a_redemption_says_what_it_cost_in_points() -> None:
    member, sku = a_buyer(), a_sku(redeem_points=800)
    give_points(member, 1000)
    placed = redeem(member, sku, points=800)
    if Order.objects.get(pk=placed.order_id).status == Order.Status.CREATED:
        pay(placed.order_id)
    assert told() == [("订单付款成功", "明前龙井 已支付 800 积分，我们会尽快为您发货。")]


def test_a_parcel_that_was_struck_out_is_not_told() -> None:
    order = a_paid_order(a_buyer(), (a_sku(), 1))
    ship(order.pk)
    Shipment.objects.all().delete()
    assert [title for title, _ in told()] == ["订单付款成功"]


def test_a_till_order_says_nothing_of_paying_and_a_walk_in_nothing_at_all() -> None:
    order = a_paid_order(a_buyer(), (a_sku(), 1))
    Order.objects.filter(pk=order.pk).update(channel="pos")
    walk_in = a_paid_order(a_buyer(), (a_sku(), 1))
    Order.objects.filter(pk=walk_in.pk).update(member=None, channel="pos")
    assert told() == []
