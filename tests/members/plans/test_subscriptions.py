"""Paid time: bought, renewed, upgraded, tried, given back; with what each stretch is worth to the member."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import override_settings

from members.models import Entitlement, Member, MembershipSaving, Message, Plan, PlanBenefit, Subscription
from members.rules.plans import RefundTerms
from members.selectors.plans import membership
from members.selectors.standing import standing
from members.services import plan_gifts, plan_reminders, subscriptions
from members.services.subscriptions import (
    AlreadyForLife,
    FeeNotRefundable,
    NoTrial,
    NoUpgrade,
    SubscriptionKeyReused,
    TrialUsed,
)
from tests.members.factories import AT, a_member
from tests.members.plans.factories import a_plan, buy

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def member() -> Member:
    return a_member()


def stretches(member: Member) -> list[tuple[str, str, str]]:
    rows = Subscription.objects.filter(member=member).order_by("starts_at", "pk")
    return [(r.state, f"{r.starts_at:%Y-%m-%d}", f"{r.ends_at:%Y-%m-%d}" if r.ends_at else "") for r in rows]


def test_what_is_paid_is_active_at_once_and_told(member: Member) -> None:
    buy(a_plan(), member_id=member.pk, order=1)
    assert stretches(member) == [("live", "2026-11-18", "2027-11-18")]
    (told,) = Message.objects.filter(member=member)
    assert told.title == "年度会员已开通"


def test_the_better_of_tier_and_plan_counts_and_multipliers_do_not_multiply(member: Member) -> None:
    member.tier_id = type(member.tier).objects.get(code="gold").pk
    member.save(update_fields=["tier"])
    buy(a_plan(), member_id=member.pk, order=1)
    found = standing(member_id=member.pk, at=AT)
    assert (found.points_multiplier, found.discount, found.plan_name) == (Decimal(2), Decimal("0.9"), "年度会员")
    assert found.given_by("discount") == "年度会员"
    assert found.tier_effects.discount == Decimal(1)
    with override_settings(POLICIES={"benefits_multiply": True}):
        assert standing(member_id=member.pk, at=AT).points_multiplier == Decimal(3)


def test_benefits_end_with_the_last_second_by_time_alone(member: Member) -> None:
    added = buy(a_plan(), member_id=member.pk, order=1)
    assert added.ends_at is not None
    assert standing(member_id=member.pk, at=added.ends_at - timedelta(seconds=1)).discount == Decimal("0.9")
    assert standing(member_id=member.pk, at=added.ends_at).discount == Decimal(1)


def test_a_standing_with_a_plan_takes_one_query(member: Member, django_assert_num_queries) -> None:
    buy(a_plan(), member_id=member.pk, order=1)
    with django_assert_num_queries(1):
        standing(member_id=member.pk, at=AT)


def test_the_same_key_adds_nothing_twice(member: Member) -> None:
    plan = a_plan()
    assert buy(plan, member_id=member.pk, order=1) == buy(plan, member_id=member.pk, order=1, at=AT + DAY)
    other = a_plan("month", kind="month")
    with pytest.raises(SubscriptionKeyReused):
        buy(other, member_id=member.pk, order=1)
    assert len(stretches(member)) == 1


def test_a_renewal_stands_behind_what_is_left(member: Member) -> None:
    plan = a_plan("month", kind="month", price_cents=1000)
    buy(plan, member_id=member.pk, order=1)
    buy(plan, member_id=member.pk, order=2, at=AT + 5 * DAY)
    assert stretches(member) == [("live", "2026-11-18", "2026-12-18"), ("live", "2026-12-18", "2027-01-18")]


def test_nothing_follows_a_membership_for_life(member: Member) -> None:
    buy(a_plan("life", kind="lifetime"), member_id=member.pk, order=1)
    with pytest.raises(AlreadyForLife), transaction.atomic():
        buy(a_plan(), member_id=member.pk, order=2)


def test_an_upgrade_pays_the_difference_and_begins_now(member: Member) -> None:
    buy(a_plan("month", kind="month", price_cents=3000), member_id=member.pk, order=1)
    year, at = a_plan(), AT + 15 * DAY
    quote = subscriptions.purchase_quote(member_id=member.pk, plan_id=year.pk, is_upgrade=True, at=at)
    assert (quote.price_cents, quote.credit_cents, quote.payable_cents) == (9900, 1500, 8400)
    buy(year, member_id=member.pk, order=2, at=at, paid_cents=8400, is_upgrade=True)
    assert stretches(member) == [("upgraded", "2026-11-18", "2026-12-18"), ("live", "2026-12-03", "2027-12-03")]


def test_who_has_no_time_left_has_nothing_to_upgrade(member: Member) -> None:
    with pytest.raises(NoUpgrade):
        subscriptions.purchase_quote(member_id=member.pk, plan_id=a_plan().pk, is_upgrade=True, at=AT)


def test_one_trial_per_person_and_only_without_paid_time(member: Member) -> None:
    plan = a_plan(trial_days=7)
    subscriptions.start_trial(member_id=member.pk, plan_id=plan.pk, at=AT)
    assert stretches(member) == [("live", "2026-11-18", "2026-11-25")]
    with pytest.raises(TrialUsed):
        subscriptions.start_trial(member_id=member.pk, plan_id=plan.pk, at=AT + 30 * DAY)
    other = a_member(phone="13800000002")
    buy(plan, member_id=other.pk, order=1)
    with pytest.raises(NoTrial):
        subscriptions.start_trial(member_id=other.pk, plan_id=plan.pk, at=AT)


def test_what_is_bought_during_a_trial_follows_it(member: Member) -> None:
    plan = a_plan("month", kind="month", trial_days=7)
    subscriptions.start_trial(member_id=member.pk, plan_id=plan.pk, at=AT)
    buy(plan, member_id=member.pk, order=1, at=AT + DAY)
    assert stretches(member)[1] == ("live", "2026-11-25", "2026-12-25")


@pytest.mark.parametrize(
    ("rule", "back"), [("full", 9900), ("pro_rata", 9900 - 9900 * 10 // 365), ("minus_savings", 9000)]
)
def test_the_agreed_rule_decides_even_when_the_plan_has_changed_since(member: Member, rule: str, back: int) -> None:
    plan = a_plan(refund_rule=rule, refund_days=30)
    buy(plan, member_id=member.pk, order=1)
    Plan.objects.update(refund_rule="none", refund_days=0)
    cents = {"cents": 1000, "reversed_cents": 100}
    MembershipSaving.objects.create(
        member=member, order_ref="order:9", order_number="9", kind="discount", **cents, placed_at=AT, at=AT
    )
    done = subscriptions.cancel_with_refund(order_ref="order:1", at=AT + 10 * DAY)
    assert (done.refund_cents, done.paid_cents) == (back, 9900)
    assert standing(member_id=member.pk, at=AT + 10 * DAY).discount == Decimal(1)
    with pytest.raises(FeeNotRefundable):
        subscriptions.cancel_with_refund(order_ref="order:1", at=AT + 11 * DAY)


def test_outside_the_window_nothing_comes_back(member: Member) -> None:
    buy(a_plan(), member_id=member.pk, order=1, terms=RefundTerms("full", 7))
    with pytest.raises(FeeNotRefundable) as refused:
        subscriptions.refund_quote(order_ref="order:1", at=AT + 7 * DAY)
    assert "7 天" in refused.value.text


def test_what_follows_a_refunded_stretch_moves_up(member: Member) -> None:
    plan = a_plan("month", kind="month", price_cents=1000, refund_rule="full", refund_days=30)
    buy(plan, member_id=member.pk, order=1)
    buy(plan, member_id=member.pk, order=2)
    subscriptions.cancel_with_refund(order_ref="order:1", at=AT + 2 * DAY)
    assert stretches(member) == [("refunded", "2026-11-18", "2026-12-18"), ("live", "2026-11-20", "2026-12-20")]


def test_a_refunded_upgrade_lets_what_it_replaced_run_on(member: Member) -> None:
    buy(a_plan("month", kind="month", price_cents=3000), member_id=member.pk, order=1)
    year = a_plan(refund_rule="full", refund_days=7)
    buy(year, member_id=member.pk, order=2, at=AT + DAY, paid_cents=7000, is_upgrade=True)
    assert subscriptions.cancel_with_refund(order_ref="order:2", at=AT + 2 * DAY).refund_cents == 7000
    assert [row[0] for row in stretches(member)] == ["live", "refunded"]
    assert standing(member_id=member.pk, at=AT + 2 * DAY).plan_name == "月度会员"


def test_reminders_come_a_week_and_a_day_before_the_end_unless_renewed(member: Member) -> None:
    plan = a_plan("month", kind="month")
    added = buy(plan, member_id=member.pk, order=1)
    renewed = a_member(phone="13800000002")
    buy(plan, member_id=renewed.pk, order=2)
    buy(plan, member_id=renewed.pk, order=3)
    assert added.ends_at is not None
    told = []
    for before in (10, 6, 5, 1, 0.5):
        at = added.ends_at - before * DAY
        told.append([plan_reminders.remind_next(at=at, days=days, limit=10) for days in plan_reminders.REMINDERS])
    assert told == [[0, 0], [0, 1], [0, 0], [1, 0], [0, 0]]
    titles = Message.objects.filter(template__code="membership_expiring").values_list("member", "title")
    assert list(titles) == [(member.pk, "月度会员即将到期")] * 2


def test_gifts_of_a_plan_are_promised_once(member: Member) -> None:
    plan = a_plan()
    for kind in ("welcome_gift", "monthly_coupons"):
        PlanBenefit.objects.create(plan=plan, kind=kind, title=kind)
    buy(plan, member_id=member.pk, order=1)
    buy(plan, member_id=member.pk, order=2)
    counts = [plan_gifts.promise_monthly(at=AT, after_member_id=0, limit=10).promised for _ in range(2)]
    assert counts == [1, 0]
    found = Entitlement.objects.filter(member=member).order_by("kind").values_list("kind", "origin", "period")
    assert list(found) == [("monthly_coupons", "plan", "2026-11"), ("welcome_gift", "plan", "plan:year")]


def test_a_merge_adds_the_days_that_are_left(member: Member) -> None:
    plan, other = a_plan("month", kind="month"), a_member(phone="13800000002")
    buy(plan, member_id=member.pk, order=1)
    buy(plan, member_id=other.pk, order=2, at=AT - 10 * DAY)
    assert subscriptions.repoint(source_id=other.pk, target_id=member.pk, at=AT) == 1
    assert stretches(member) == [("live", "2026-11-08", "2026-12-08"), ("live", "2026-12-08", "2027-01-07")]
    shown = membership(member_id=member.pk, at=AT)
    assert shown.ends_at == AT - 10 * DAY + 60 * DAY


def test_the_database_refuses_two_stretches_at_once(member: Member) -> None:
    buy(a_plan(), member_id=member.pk, order=1)
    row = Subscription.objects.get(member=member)
    row.pk, row.key, row.order_ref = None, "other", "order:2"
    row.starts_at = AT + DAY
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(IntegrityError, match="subscription_no_overlap"), transaction.atomic():
        row.save(force_insert=True)


def test_a_trial_brings_none_of_the_plans_gifts_until_the_plan_is_bought(member: Member) -> None:
    plan = a_plan(trial_days=7)
    for kind in ("welcome_gift", "birthday_gift", "monthly_coupons"):
        PlanBenefit.objects.create(plan=plan, kind=kind, title=kind, position=9)
    Member.objects.filter(pk=member.pk).update(birthday_month_day=f"{AT + DAY:%m%d}")
    subscriptions.start_trial(member_id=member.pk, plan_id=plan.pk, at=AT)

    def promised(at: datetime) -> list[int]:
        return [
            plan_gifts.promise_birthdays(at=at, after_member_id=0, limit=9).promised,
            plan_gifts.promise_monthly(at=at, after_member_id=0, limit=9).promised,
        ]

    assert (promised(AT + DAY), Entitlement.objects.count()) == ([0, 0], 0)
    buy(plan, member_id=member.pk, order=1, at=AT + DAY)
    assert promised(AT + 2 * DAY) == [0, 0]
    assert promised(AT + 7 * DAY) == [0, 1]
    assert set(Entitlement.objects.values_list("kind", flat=True)) == {"welcome_gift", "monthly_coupons"}


def test_a_lunar_birthday_brings_the_plans_gift_in_every_lunar_year(member: Member) -> None:
    plan = a_plan("life", kind="lifetime")
    PlanBenefit.objects.create(plan=plan, kind="birthday_gift", title="生日礼", position=9)
    start = datetime(2024, 1, 1, tzinfo=AT.tzinfo)
    buy(plan, member_id=member.pk, order=1, at=start)
    Member.objects.filter(pk=member.pk).update(birthday_month_day="1120", birthday_calendar="lunar")
    days = [(2024, 12, 20), (2026, 1, 8), (2026, 12, 28), (2026, 12, 28)]
    moments = [datetime(*day, 8, tzinfo=AT.tzinfo) for day in days]
    promised = [plan_gifts.promise_birthdays(at=at, after_member_id=0, limit=9).promised for at in moments]
    assert promised == [1, 1, 1, 0]
    assert list(Entitlement.objects.order_by("pk").values_list("period", flat=True)) == ["2024", "2025", "2026"]
