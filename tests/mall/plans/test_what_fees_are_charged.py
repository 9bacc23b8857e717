"""A fee is charged what its own plan saved in its own time, whenever the orders complete."""

from datetime import datetime, timedelta

import pytest

from mall.services import plan_refunds
from members.models import Member, MembershipSaving, Plan
from members.services import subscriptions
from tests.mall.builders import AT, a_buyer, a_sku, pay, place, receive, ship
from tests.mall.plans.test_plan_orders import order_plan
from tests.members.plans.factories import a_plan, buy

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
TERMS = {"refund_rule": "minus_savings", "refund_days": 60}


@pytest.fixture
def member(shop: None) -> Member:
    return a_buyer()


def a_fee(member: Member, plan: Plan, *, at: datetime, cents: int = 9900, key: str = "fee", **facts: bool) -> int:
    placed = order_plan(member, plan, cents=cents, key=key, at=at, **facts)
    pay(placed.order_id, at=at)
    return placed.order_id


def back(member: Member, order_id: int, *, at: datetime) -> int:
    return plan_refunds.preview_own_fee(order_id=order_id, member_id=member.pk, at=at).cash_cents


def tea(member: Member, *, at: datetime) -> int:
    """A paid order on which the plan saves ¥20."""
    placed = place(member, (a_sku(price_cents=20_000), 1), at=at)
    pay(placed.order_id, at=at)
    return placed.order_id


def complete(order_id: int, *, at: datetime) -> None:
    ship(order_id, at=at)
    receive(order_id, at=at)


def test_what_a_trial_saved_is_not_charged_to_the_fee_that_came_before_the_order_completed(member: Member) -> None:
    plan = a_plan(trial_days=7, **TERMS)
    subscriptions.start_trial(member_id=member.pk, plan_id=plan.pk, at=AT)
    tried = tea(member, at=AT + DAY)
    fee = a_fee(member, plan, at=AT + 8 * DAY)
    bought = tea(member, at=AT + 8 * DAY)
    assert back(member, fee, at=AT + 8 * DAY) == 9900 - 2000
    for order_id in (tried, bought):
        complete(order_id, at=AT + 9 * DAY)
    assert MembershipSaving.objects.filter(member=member).count() == 2
    assert back(member, fee, at=AT + 9 * DAY) == 9900 - 2000


@pytest.mark.parametrize("is_completed", [False, True])
def test_what_the_plan_upgraded_to_saved_is_not_charged_to_the_one_that_runs_on_after_it(
    member: Member, is_completed: bool
) -> None:
    month = a_plan("month", kind="month", price_cents=5000, **TERMS)
    fee = a_fee(member, month, at=AT, cents=5000)
    upgrade = a_fee(member, a_plan(**TERMS), at=AT, cents=4900, key="up", is_upgrade=True)
    order_id = tea(member, at=AT + DAY)
    if is_completed:
        complete(order_id, at=AT + 2 * DAY)
    shown = back(member, upgrade, at=AT + 2 * DAY)
    assert shown == 4900 - 2000
    plan_refunds.refund_own_fee(order_id=upgrade, member_id=member.pk, expected_cents=shown, at=AT + 2 * DAY)
    assert back(member, fee, at=AT + 2 * DAY) == 5000


def test_what_the_renewal_saved_is_not_charged_to_the_month_before_it(member: Member) -> None:
    month = a_plan("month", kind="month", price_cents=5000, **TERMS)
    first = a_fee(member, month, at=AT, cents=5000)
    buy(month, member_id=member.pk, order=900, at=AT)
    complete(tea(member, at=AT + 40 * DAY), at=AT + 41 * DAY)
    assert back(member, first, at=AT + 42 * DAY) == 5000
