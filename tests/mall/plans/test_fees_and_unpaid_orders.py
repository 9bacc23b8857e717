"""A fee that goes back takes the plan's prices along: unpaid orders that hang on the plan can't be paid any more."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.urls import reverse

from mall.models import Order, OrderLine, Product, Sku
from mall.selectors.orders import order_detail
from mall.services import plan_orders, plan_refunds, refunds
from mall.services.payments import OrderOutdated, PaymentOutcome
from mall.services.telling import tell_closed
from members.models import Benefit, BenefitUse, Member, Message, Plan, PlanBenefit, Subscription, Tier
from members.services import subscriptions
from tests.mall.builders import (
    AT,
    LATER,
    a_buyer,
    a_sku,
    facts_of,
    pay,
    place,
    points_of,
    redeem,
    shelf,
    start,
    succeed,
)
from tests.mall_h5.conftest import client_of, new_member
from tests.members.plans.factories import a_plan, buy

DAY = timedelta(days=1)
CLOSED = "会员权益随退会费终止，本单已关闭"


def bought(member: Member, plan: Plan, *, key: str = "plan") -> Order:
    """The paid order for the plan."""
    with transaction.atomic():
        placed = plan_orders.place_plan_order(
            member_id=member.pk,
            plan_id=plan.pk,
            is_upgrade=False,
            channel="h5",
            submit_key=key,
            expected_payable_cents=plan.price_cents,
            at=AT,
        )
    pay(placed.order_id, at=AT)
    return Order.objects.get(pk=placed.order_id)


def give_back(fee: Order, *, cents: int) -> int:
    with transaction.atomic():
        done = plan_refunds.refund_own_fee(order_id=fee.pk, member_id=fee.member_id, expected_cents=cents, at=LATER)
    return done.cash_cents


def state(order_id: int) -> tuple[str, str]:
    return Order.objects.values_list("status", "closed_because").get(pk=order_id)


@pytest.fixture
def plan(shop: None) -> Plan:
    return a_plan(refund_rule="full", refund_days=7)


@pytest.mark.django_db
def test_unpaid_orders_at_plan_prices_are_closed_and_late_money_goes_back(plan: Plan) -> None:
    member, sku = a_buyer(points=1000), a_sku(price_cents=5000, stock=3)
    fee = bought(member, plan)
    placed = place(member, (sku, 1), points=100)
    attempt = start(placed.order_id, at=AT)
    assert (placed.payable_cents, points_of(member), shelf(sku)) == (4400, (900, 100), (2, 1))
    give_back(fee, cents=9900)
    assert state(placed.order_id) == ("cancelled", "fee_returned")
    assert (points_of(member), shelf(sku)) == ((1000, 0), (3, 0))
    assert succeed(attempt) == PaymentOutcome.RETURNED
    assert facts_of(placed.order_id) == ["OrderPlaced", "OrderCancelled", "PaymentReturned"]
    again = place(member, (sku, 1), at=LATER)
    assert (again.payable_cents, pay(again.order_id)) == (5800, PaymentOutcome.PAID)


@pytest.mark.django_db
def test_only_what_hangs_on_that_plan_is_closed(plan: Plan) -> None:
    member, other, sku = a_buyer(), a_buyer(), a_sku(price_cents=12000)
    Benefit.objects.create(tier=Tier.objects.get(code="diamond"), kind="member_price", title="会员价")
    rich, dear = a_buyer(tier="diamond"), a_sku(price_cents=20000)
    Sku.objects.filter(pk=dear.pk).update(member_price_cents=17000)
    fees = [bought(one, plan, key=f"{one.pk}") for one in (member, other, rich)]
    before = place(member, (sku, 1), at=AT)
    of_other, by_tier = place(other, (sku, 1), at=AT), place(rich, (dear, 1), at=AT)
    paid = place(member, (sku, 1), at=AT)
    pay(paid.order_id, at=AT)
    for fee in (fees[0], fees[2]):
        give_back(fee, cents=9900)
    assert [state(one.order_id)[0] for one in (before, of_other, by_tier, paid)] == [
        "cancelled",
        "created",
        "created",
        "paid",
    ]
    assert pay(by_tier.order_id) == PaymentOutcome.PAID


@pytest.mark.django_db
def test_free_shipping_by_the_plan_alone_is_a_price_too_and_its_use_comes_back(plan: Plan) -> None:
    PlanBenefit.objects.filter(plan=plan).delete()
    PlanBenefit.objects.create(plan=plan, kind="free_shipping", value=Decimal(2), title="包邮")
    member = a_buyer()
    fee, placed = bought(member, plan), place(member, (a_sku(price_cents=5000), 1))
    assert (placed.payable_cents, BenefitUse.objects.count()) == (5000, 1)
    give_back(fee, cents=9900)
    assert (state(placed.order_id)[0], BenefitUse.objects.count()) == ("cancelled", 0)


@pytest.mark.django_db
def test_goods_that_only_the_plan_let_in_are_closed_at_whatever_price(plan: Plan) -> None:
    PlanBenefit.objects.filter(plan=plan).delete()
    member, sku = a_buyer(points=500), a_sku(price_cents=12000, redeem_points=100, redeem_cash_cents=100)
    Product.objects.filter(pk=sku.product_id).update(is_exclusive=True, exclusive_plan=plan)
    fee = bought(member, plan)
    placed, redeemed = place(member, (sku, 1)), redeem(member, sku, points=100, cash_cents=100)
    assert points_of(member) == (400, 100)
    give_back(fee, cents=9900)
    assert {state(one.order_id)[0] for one in (placed, redeemed)} == {"cancelled"}
    assert points_of(member) == (500, 0)


@pytest.mark.django_db
def test_who_keeps_other_time_of_the_plan_keeps_the_order(plan: Plan) -> None:
    member, sku = a_buyer(), a_sku(price_cents=12000)
    fee, renewal = bought(member, plan), bought(member, plan, key="renewal")
    placed = place(member, (sku, 1))
    give_back(renewal, cents=9900)
    assert state(placed.order_id) == ("created", "")
    give_back(fee, cents=9900)
    assert state(placed.order_id) == ("cancelled", "fee_returned")


@pytest.mark.django_db
def test_an_upgrade_given_back_closes_what_it_made_cheaper_and_leaves_what_the_older_plan_did(shop: None) -> None:
    month = a_plan("month", kind="month", price_cents=3000)
    year = a_plan(refund_rule="full", refund_days=7)
    member, sku = a_buyer(), a_sku(price_cents=12000)
    buy(month, member_id=member.pk, order=900)
    by_month = place(member, (sku, 1))
    with transaction.atomic():
        upgrade = plan_orders.place_plan_order(
            member_id=member.pk,
            plan_id=year.pk,
            is_upgrade=True,
            channel="h5",
            submit_key="up",
            expected_payable_cents=6900,
            at=AT,
        )
    pay(upgrade.order_id, at=AT)
    by_year = place(member, (sku, 1))
    give_back(Order.objects.get(pk=upgrade.order_id), cents=6900)
    assert [state(one.order_id)[0] for one in (by_month, by_year)] == ["created", "cancelled"]
    assert pay(by_month.order_id) == PaymentOutcome.PAID


@pytest.mark.django_db
def test_time_that_just_ran_out_leaves_the_price_as_it_was_shown(plan: Plan) -> None:
    member = a_buyer()
    bought(member, plan)
    placed = place(member, (a_sku(price_cents=12000), 1))
    Subscription.objects.update(ends_at=AT + timedelta(minutes=1))
    assert pay(placed.order_id) == PaymentOutcome.PAID


@pytest.mark.django_db
def test_an_order_that_slipped_past_the_refund_is_not_paid_at_the_plans_price(plan: Plan) -> None:
    member, sku = a_buyer(), a_sku(price_cents=12000)
    bought(member, plan)
    placed, started = place(member, (sku, 1)), place(member, (sku, 1))
    attempt = start(started.order_id, at=AT)
    row = Subscription.objects.get()
    with transaction.atomic():  # as if the order had not been there yet when the refund looked
        subscriptions.cancel_with_refund(order_ref=row.order_ref, at=LATER)
    with pytest.raises(OrderOutdated, match="会员时间有变化，本单的价格已失效"):
        start(placed.order_id)
    assert succeed(attempt) == PaymentOutcome.RETURNED
    assert state(started.order_id) == ("cancelled", "fee_returned")


@pytest.mark.django_db
def test_staff_and_member_see_what_will_be_closed_before_they_confirm(plan: Plan) -> None:
    member = new_member(phone="13800000009")
    fee, buyer = bought(member, plan), a_buyer()
    placed = place(buyer, (a_sku(price_cents=12000), 1))
    Order.objects.filter(pk=placed.order_id).update(member=member, quote={"plan_id": plan.pk})
    line = OrderLine.objects.get(order=fee)
    with transaction.atomic():
        preview = refunds.preview_refund(order_id=fee.pk, lines={line.pk: 1}, at=LATER)
    assert (preview.cash_cents, preview.closing) == (9900, (placed.number,))
    assert state(placed.order_id) == ("created", "")
    client, page = client_of(member), reverse("mall:fee-refund", args=[fee.number])
    Order.objects.filter(pk=fee.pk).update(created_at=AT)
    Subscription.objects.update(bought_at=fee.created_at + DAY * 3650 - DAY)
    text = client.get(page).content.decode()
    assert "1 笔待付款订单将一并关闭" in text
    assert reverse("mall:order", args=[placed.number]) in text


@pytest.mark.django_db
def test_the_member_is_told_and_reads_it_on_the_order(plan: Plan) -> None:
    member = new_member(phone="13800000009")
    fee, placed = bought(member, plan), place(a_buyer(), (a_sku(price_cents=12000), 1))
    Order.objects.filter(pk=placed.order_id).update(member=member, quote={"plan_id": plan.pk})
    give_back(fee, cents=9900)
    with transaction.atomic():
        for _ in range(2):
            tell_closed(order_id=placed.order_id, at=LATER)
        tell_closed(order_id=fee.pk, at=LATER)
    told = Message.objects.get(member=member, template__code="order_closed")
    assert "会费退回后，享会员权益的待付款订单已关闭" in told.body
    assert order_detail(member_id=member.pk, number=placed.number).closed_because == "fee_returned"
    client = client_of(member)
    assert CLOSED in client.get(reverse("mall:order", args=[placed.number])).content.decode()
    assert CLOSED in client.get(reverse("mall:pay-result", args=[placed.number])).content.decode()
