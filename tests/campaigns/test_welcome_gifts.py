"""A plan's welcome gift goes back with the fee, by the rule that was shown, and is never charged twice."""

import pytest
from django.db import transaction

from campaigns.models import BenefitGift, Receipt
from campaigns.services import benefit_gifts
from campaigns.services.promotions import CampaignPromotions
from config.outbox.services.deliveries import deliver_all
from members.models import Member, MembershipSaving
from members.selectors.plans import load_plans
from members.services import merging, subscriptions
from points import ledger
from tests.campaigns.gifts import DAY, NOW, a_plan_with_gift, heard
from tests.campaigns.rows import a_member
from tests.members.plans.factories import a_plan, buy

pytestmark = pytest.mark.django_db


@pytest.fixture
def member() -> Member:
    return a_member()


def give_back(order: int, *, after: int = 1) -> int:
    """Give back what that order bought after so many days; how much of the fee comes back."""
    with transaction.atomic():
        done = subscriptions.cancel_with_refund(order_ref=f"order:{order}", at=NOW + after * DAY)
    return done.refund_cents


def balance(member: Member, *, after: int = 100) -> tuple[int, int]:
    """(usable, owed), after everything that was told has been heard."""
    heard(NOW + after * DAY)
    now = ledger.balance(account=member.points_account_id, at=NOW + after * DAY)
    return now.spendable, now.arrears


def previewed(order: int, cents: int) -> int:
    with transaction.atomic():
        return CampaignPromotions().preview_refund(order_id=order, refund_cents=cents).points_clawed_back


def test_with_the_whole_fee_goes_the_whole_gift(member: Member) -> None:
    buy(a_plan_with_gift(refund_rule="full", refund_days=7), member_id=member.pk, order=1, at=NOW)
    assert balance(member) == (500, 0)
    assert previewed(1, 9900) == 500
    assert give_back(1) == 9900
    assert balance(member) == (0, 0)
    gift = BenefitGift.objects.get()
    taken = Receipt.objects.get(trigger="benefit_taken_back")
    assert (taken.origin_id, taken.points, taken.occurrence) == (
        gift.receipt_id,
        -500,
        f"welcome_gift:{gift.pk}:taken_back",
    )
    assert [step["text"] for step in taken.steps] == ["退会费，500 积分全部扣回", "本次扣回"]
    assert previewed(1, 9900) == 0
    assert ledger.audit() == []


def test_by_the_days_that_are_left_the_same_share_of_the_gift_goes(member: Member) -> None:
    buy(a_plan_with_gift(refund_rule="pro_rata", refund_days=365), member_id=member.pk, order=1, at=NOW)
    balance(member, after=1)
    back = 9900 - 9900 * 100 // 365
    share = 500 * back // 9900
    assert previewed(1, back) == share
    assert give_back(1, after=100) == back
    assert balance(member, after=101) == (500 - share, 0)
    text = Receipt.objects.get(trigger="benefit_taken_back").steps[0]["text"]
    assert text == f"500 积分 × 已退会费 ¥{back / 100:.2f} ÷ 实付会费 ¥99.00"


def test_savings_are_charged_in_money_and_the_gift_in_points_each_once(member: Member) -> None:
    buy(a_plan_with_gift(refund_rule="minus_savings", refund_days=7), member_id=member.pk, order=1, at=NOW)
    balance(member)
    MembershipSaving.objects.create(
        member=member, order_ref="order:9", order_number="9", kind="discount", cents=4000, placed_at=NOW, at=NOW
    )
    assert give_back(1) == 5900
    assert balance(member) == (0, 0)


def test_what_was_spent_of_the_gift_is_owed(member: Member) -> None:
    buy(a_plan_with_gift(refund_rule="full", refund_days=7), member_id=member.pk, order=1, at=NOW)
    balance(member)
    with transaction.atomic():
        ledger.spend(account=member.points_account_id, points=450, key="s", source="test", at=NOW)
    give_back(1)
    assert balance(member) == (0, 450)


def test_the_gift_stays_while_other_time_of_the_plan_does(member: Member) -> None:
    plan = a_plan_with_gift(refund_rule="full", refund_days=7)
    for order in (1, 2):
        buy(plan, member_id=member.pk, order=order, at=NOW)
    balance(member)
    assert previewed(2, 9900) == 0
    give_back(2)
    assert balance(member) == (500, 0)
    assert previewed(1, 9900) == 500
    give_back(1)
    assert balance(member) == (0, 0)


def test_time_that_a_gift_card_brought_keeps_the_gift_and_a_trial_does_not(member: Member) -> None:
    plan = a_plan_with_gift(refund_rule="full", refund_days=7, trial_days=7)
    other = a_member()
    with transaction.atomic():
        subscriptions.start_trial(member_id=member.pk, plan_id=plan.pk, at=NOW)
        subscriptions.give(member_id=other.pk, plan_id=plan.pk, key="card:1", at=NOW)
    for order, one in ((1, member), (2, other)):
        buy(plan, member_id=one.pk, order=order, at=NOW)
        give_back(order)
    assert [balance(one) for one in (member, other)] == [(0, 0), (500, 0)]


def test_giving_an_upgrade_back_takes_its_own_gift_alone(member: Member) -> None:
    buy(a_plan_with_gift(100, code="month", kind="month"), member_id=member.pk, order=1, at=NOW)
    year = a_plan_with_gift(500, code="big", name="大会员", price_cents=19900, refund_rule="full", refund_days=7)
    buy(year, member_id=member.pk, order=2, at=NOW + DAY, paid_cents=10000, is_upgrade=True)
    assert balance(member) == (600, 0)
    give_back(2, after=2)
    assert balance(member) == (100, 0)


def test_who_buys_again_gets_no_second_gift_and_loses_nothing_more(member: Member) -> None:
    plan = a_plan_with_gift(refund_rule="pro_rata", refund_days=365)
    buy(plan, member_id=member.pk, order=1, at=NOW)
    give_back(1, after=100)
    kept = balance(member, after=101)
    assert 0 < kept[0] < 500
    buy(plan, member_id=member.pk, order=2, at=NOW + 101 * DAY)
    assert balance(member, after=102) == kept
    assert previewed(2, 9900) == 0
    give_back(2, after=103)
    assert balance(member, after=104) == kept


def test_taking_back_waits_for_a_giving_that_has_to_be_tried_again(
    member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    buy(a_plan_with_gift(refund_rule="full", refund_days=7), member_id=member.pk, order=1, at=NOW)
    give_back(1)

    def fail(**facts: object) -> None:
        raise RuntimeError("the database went away")

    with monkeypatch.context() as patched:
        patched.setattr(benefit_gifts, "give", fail)
        deliver_all(at=NOW + DAY)
    assert Receipt.objects.count() == 0
    assert balance(member) == (0, 0)
    assert list(Receipt.objects.order_by("pk").values_list("points", flat=True)) == [500, -500]


def test_a_merge_takes_the_gift_along_and_the_fee_still_takes_it_back(member: Member) -> None:
    other = a_member()
    buy(a_plan_with_gift(refund_rule="full", refund_days=7), member_id=other.pk, order=1, at=NOW)
    balance(other)
    with transaction.atomic():
        merging.merge_members(source_id=other.pk, target_id=member.pk, at=NOW)
    assert balance(member) == (500, 0)
    give_back(1)
    assert balance(member) == (0, 0)


def test_a_fee_without_a_gift_takes_nothing(member: Member) -> None:
    buy(a_plan(refund_rule="full", refund_days=7), member_id=member.pk, order=1, at=NOW)
    assert (previewed(1, 9900), give_back(1)) == (0, 9900)
    assert balance(member) == (0, 0)
    assert Receipt.objects.count() == 0


@pytest.mark.parametrize(
    ("rule", "days", "points", "end"),
    [
        ("full", 7, 500, "；开卡礼积分全部扣回"),
        ("minus_savings", 7, 500, "；开卡礼积分全部扣回"),
        ("pro_rata", 7, 500, "；开卡礼积分按同样比例扣回"),
        ("full", 7, None, "已付会费全额退回"),
        ("none", 0, 500, "请确认后购买"),
    ],
)
def test_the_member_reads_before_buying_what_becomes_of_the_gift(
    rule: str, days: int, points: int | None, end: str
) -> None:
    a_plan_with_gift(points, refund_rule=rule, refund_days=days)
    (shown,) = load_plans()
    assert shown.refund_words.endswith(end)


def test_a_merge_leaves_neither_gift_of_a_plan_that_both_give_back(member: Member) -> None:
    other, plan = a_member(), a_plan_with_gift(refund_rule="full", refund_days=7)
    for order, one in ((1, member), (2, other)):
        buy(plan, member_id=one.pk, order=order, at=NOW)
        balance(one)
    with transaction.atomic():
        merging.merge_members(source_id=other.pk, target_id=member.pk, at=NOW)
    assert balance(member) == (1000, 0)
    assert previewed(1, 9900) == 0
    give_back(1)
    assert balance(member) == (1000, 0)
    assert previewed(2, 9900) == 1000
    give_back(2)
    assert balance(member) == (0, 0)
    assert ledger.audit() == []


def test_time_that_stays_with_a_duplicate_shows_what_giving_it_back_takes(member: Member) -> None:
    other, year = a_member(), a_plan_with_gift(refund_rule="full", refund_days=7)
    buy(a_plan(code="life", kind="lifetime", price_cents=99900), member_id=member.pk, order=1, at=NOW)
    buy(year, member_id=other.pk, order=2, at=NOW)
    balance(other)
    with transaction.atomic():
        merging.merge_members(source_id=other.pk, target_id=member.pk, at=NOW)
    assert balance(member) == (500, 0)
    assert previewed(2, 9900) == 500
    give_back(2)
    assert balance(member) == (0, 0)


def test_the_gift_stays_with_who_has_the_plan_for_life_whatever_a_duplicate_gives_back(member: Member) -> None:
    other, plan = a_member(), a_plan_with_gift(kind="lifetime", refund_rule="full", refund_days=7)
    for order, one in ((1, member), (2, other)):
        buy(plan, member_id=one.pk, order=order, at=NOW)
        balance(one)
    with transaction.atomic():
        merging.merge_members(source_id=other.pk, target_id=member.pk, at=NOW)
    balance(member)
    assert previewed(2, 9900) == 0
    give_back(2)
    assert balance(member) == (1000, 0)
    assert previewed(1, 9900) == 1000
    give_back(1)
    assert balance(member) == (0, 0)
