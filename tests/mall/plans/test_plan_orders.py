"""A membership bought in the mall: paid like any order, active in the same transaction, refunded by its rule."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.test import override_settings

from mall.models import Order, OrderLine, Product, Sku
from mall.selectors.baskets import Wanted
from mall.selectors.checkout import checkout
from mall.selectors.judgement import judgement
from mall.services import plan_orders, plan_refunds, refunds
from mall.services.checkout import PriceChanged
from mall.services.payments import PaymentOutcome
from mall.services.submits import Placed
from members.models import Member, MembershipSaving, Plan, Subscription
from members.selectors.plans import savings
from members.selectors.standing import standing
from members.services import subscriptions
from members.services.subscriptions import AlreadyForLife, FeeNotRefundable
from tests.mall.builders import AT, LATER, a_buyer, a_sku, pay, place, receive, ship, start, succeed
from tests.members.plans.factories import a_plan, buy

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def member(shop: None) -> Member:
    return a_buyer()


def order_plan(member: Member, plan: Plan, *, cents: int, key: str = "k", is_upgrade: bool = False, at=AT) -> Placed:
    return plan_orders.place_plan_order(
        member_id=member.pk,
        plan_id=plan.pk,
        is_upgrade=is_upgrade,
        channel="h5",
        submit_key=key,
        expected_payable_cents=cents,
        at=at,
    )


def test_paying_for_a_plan_makes_it_active_and_the_order_complete(member: Member) -> None:
    placed = order_plan(member, a_plan(), cents=9900)
    assert standing(member_id=member.pk, at=AT).discount == Decimal(1)
    assert pay(placed.order_id) == PaymentOutcome.PAID
    order = Order.objects.get(pk=placed.order_id)
    assert (order.kind, order.status, order.payable_cents, order.freight_cents) == ("plan", "completed", 9900, 0)
    assert standing(member_id=member.pk, at=LATER).discount == Decimal("0.9")
    (row,) = Subscription.objects.filter(member=member)
    assert (row.paid_cents, row.starts_at, row.order_ref) == (9900, LATER, f"order:{order.pk}")


def test_a_notice_that_comes_twice_adds_the_time_once(member: Member) -> None:
    placed = order_plan(member, a_plan(), cents=9900)
    started = start(placed.order_id)
    assert [succeed(started), succeed(started)] == [PaymentOutcome.PAID, PaymentOutcome.ALREADY_RECORDED]
    assert Subscription.objects.count() == 1


def test_the_same_key_is_the_same_order_and_another_price_is_refused(member: Member) -> None:
    plan = a_plan()
    assert order_plan(member, plan, cents=9900) == order_plan(member, plan, cents=9900)
    with pytest.raises(PriceChanged):
        order_plan(member, plan, cents=9800, key="other")
    assert Order.objects.count() == 1


def test_a_plan_is_never_on_the_shelves(member: Member) -> None:
    order_plan(member, a_plan(), cents=9900)
    assert not Sku.objects.get().product.is_on_sale
    with pytest.raises(IntegrityError, match="product_virtual_off_the_shelves"), transaction.atomic():
        Product.objects.update(is_on_sale=True)


def test_a_fee_earns_nothing_unless_the_shop_says_so(member: Member) -> None:
    placed = order_plan(member, a_plan(), cents=9900)
    pay(placed.order_id)
    assert judgement(order_id=placed.order_id).earn_base_cents == 0
    with override_settings(POLICIES={"plans_earn_points": True}):
        assert judgement(order_id=placed.order_id).earn_base_cents == 9900


def test_an_unpaid_plan_order_is_cancelled_without_a_shelf(member: Member) -> None:
    from mall.services import orders

    placed = order_plan(member, a_plan(), cents=9900)
    orders.cancel(order_id=placed.order_id, member_id=member.pk, at=LATER)
    assert Order.objects.get().status == "cancelled"
    assert not Subscription.objects.exists()


def test_an_upgrade_is_an_order_for_the_difference(member: Member) -> None:
    buy(a_plan("month", kind="month", price_cents=3000), member_id=member.pk, order=900)
    placed = order_plan(member, a_plan(), cents=8400, is_upgrade=True, at=AT + 15 * DAY)
    pay(placed.order_id, at=AT + 15 * DAY)
    order = Order.objects.get(pk=placed.order_id)
    assert (order.goods_cents, order.discount_cents, order.payable_cents) == (9900, 1500, 8400)
    assert standing(member_id=member.pk, at=AT + 15 * DAY).plan_name == "年度会员"


def test_money_for_an_upgrade_of_time_that_was_given_back_goes_back(member: Member) -> None:
    month = a_plan("month", kind="month", price_cents=3000, refund_rule="full", refund_days=30)
    buy(month, member_id=member.pk, order=900)
    placed = order_plan(member, a_plan(), cents=6900, is_upgrade=True)
    started = start(placed.order_id)
    subscriptions.cancel_with_refund(order_ref="order:900", at=LATER)
    assert succeed(started) == PaymentOutcome.RETURNED
    assert Order.objects.get(pk=placed.order_id).status == "cancelled"
    assert not Subscription.objects.filter(state="live").exists()


def test_who_is_a_member_for_life_buys_no_more(member: Member) -> None:
    buy(a_plan("life", kind="lifetime"), member_id=member.pk, order=900)
    with pytest.raises(AlreadyForLife):
        order_plan(member, a_plan(), cents=9900)


def test_the_fee_comes_back_by_its_rule_once_and_benefits_end(member: Member) -> None:
    placed = order_plan(member, a_plan(refund_rule="pro_rata", refund_days=30), cents=9900)
    pay(placed.order_id)
    at, back = LATER + 10 * DAY, 9900 - 9900 * 10 // 365
    preview = plan_refunds.preview_own_fee(order_id=placed.order_id, member_id=member.pk, at=at)
    assert (preview.cash_cents, preview.whole_order) == (back, True)
    with pytest.raises(PriceChanged):
        plan_refunds.refund_own_fee(order_id=placed.order_id, member_id=member.pk, expected_cents=9900, at=at)
    for _ in range(2):
        done = plan_refunds.refund_own_fee(order_id=placed.order_id, member_id=member.pk, expected_cents=back, at=at)
        assert done.cash_cents == back
    assert Order.objects.get(pk=placed.order_id).refunded_cents == back
    assert standing(member_id=member.pk, at=at).discount == Decimal(1)


def test_staff_refund_a_plan_by_the_same_rule_on_the_same_page(member: Member) -> None:
    placed = order_plan(member, a_plan(), cents=9900)
    pay(placed.order_id)
    line = OrderLine.objects.get(order=placed.order_id)
    with pytest.raises(FeeNotRefundable):
        refunds.refund(order_id=placed.order_id, lines={line.pk: 1}, key="r", reason="", at=LATER)
    assert Subscription.objects.get().state == "live"


def saved(member: Member) -> list[tuple[str, int]]:
    return [(row.kind, row.cents) for row in savings(member_id=member.pk).rows]


def test_what_the_plan_saved_counts_when_the_order_completes(member: Member) -> None:
    buy(a_plan(), member_id=member.pk, order=900)
    sku = a_sku(price_cents=5000)
    shown = checkout(member_id=member.pk, lines=[Wanted(sku_id=sku.pk, quantity=1)], points=0, channel="h5", at=AT)
    assert [step.label for step in shown.priced.steps] == ["商品金额", "年度会员 9 折", "运费（年度会员包邮）"]
    placed = place(member, (sku, 1))
    pay(placed.order_id)
    assert saved(member) == []
    ship(placed.order_id)
    receive(placed.order_id)
    assert saved(member) == [("freight", 800), ("discount", 500)]


def test_only_what_the_tier_would_not_have_given_was_saved_by_the_plan(shop: None) -> None:
    member = a_buyer(tier="diamond")
    buy(a_plan(), member_id=member.pk, order=900)
    placed = place(member, (a_sku(price_cents=10000), 1))
    pay(placed.order_id)
    ship(placed.order_id)
    receive(placed.order_id)
    assert saved(member) == [("discount", 500)]


def test_refunds_take_the_savings_back_in_proportion(member: Member) -> None:
    buy(a_plan(), member_id=member.pk, order=900)
    placed = place(member, (a_sku(price_cents=1000), 3))
    pay(placed.order_id)
    ship(placed.order_id)
    receive(placed.order_id)
    line = OrderLine.objects.get(order=placed.order_id)
    assert saved(member) == [("freight", 800), ("discount", 300)]
    refunds.refund(order_id=placed.order_id, lines={line.pk: 1}, key="a", reason="", at=LATER)
    assert saved(member) == [("freight", 800), ("discount", 200)]
    refunds.refund(order_id=placed.order_id, lines={line.pk: 2}, key="b", reason="", at=LATER)
    assert saved(member) == []
    assert MembershipSaving.objects.count() == 2


def test_a_fee_comes_back_less_what_was_saved_on_orders_still_under_way(member: Member) -> None:
    placed = order_plan(member, a_plan(refund_rule="minus_savings", refund_days=7), cents=9900)
    pay(placed.order_id)
    tea = place(member, (a_sku(price_cents=20000), 2), at=LATER)
    fee_line = OrderLine.objects.get(order=placed.order_id)

    def back() -> int:
        return plan_refunds.preview_own_fee(order_id=placed.order_id, member_id=member.pk, at=LATER).cash_cents

    assert back() == 9900
    pay(tea.order_id)
    assert back() == 9900 - 4000
    line = OrderLine.objects.get(order=tea.order_id)
    refunds.refund(order_id=tea.order_id, lines={line.pk: 1}, key="one", reason="", at=LATER)
    assert back() == 9900 - 2000
    ship(tea.order_id)
    receive(tea.order_id)
    assert (saved(member), back()) == ([("discount", 2000)], 9900 - 2000)
    done = refunds.refund(order_id=placed.order_id, lines={fee_line.pk: 1}, key="fee", reason="", at=LATER)
    assert done.cash_cents == 9900 - 2000
