"""A refund takes back its part of what its order earned, and the preview said so before."""

from datetime import timedelta

import pytest

from campaigns.models import Receipt
from campaigns.services.clawback import take_back_for_refund
from campaigns.services.granting import grant_for_order
from campaigns.services.promotions import CampaignPromotions
from points import ledger
from tests.campaigns.cases import THURSDAY, WEDNESDAY
from tests.campaigns.rows import a_member, a_refund, an_order, growth_of, points_of, presets_installed

pytestmark = pytest.mark.django_db


@pytest.fixture
def member():
    presets_installed()
    return a_member(tier="gold")


def gold_order(member):
    return an_order(member, cents=19900, paid_at=WEDNESDAY, tier="gold", tier_name="黄金会员", multiplier="1.5")


def given_order(member):
    order = gold_order(member)
    grant_for_order(order_id=order.pk, at=WEDNESDAY)
    return order


def refunded(order, cents, at=THURSDAY):
    preview = CampaignPromotions().preview_refund(order_id=order.pk, refund_cents=cents)
    refund = a_refund(order, cents=cents, at=at)
    taken = take_back_for_refund(order_id=order.pk, refund_id=refund.pk, at=at)
    assert (taken.points, taken.growth) == (preview.points_clawed_back, preview.growth_clawed_back)
    return refund


def test_refunding_a_third_takes_back_198_points_and_66_growth_with_a_receipt_of_its_own(member):
    order = given_order(member)
    refund = refunded(order, 6633)
    assert (points_of(member, THURSDAY), growth_of(member, THURSDAY)) == (597 - 198, 199 - 66)
    receipt = Receipt.objects.get(occurrence=f"refund:{refund.pk}")
    assert (receipt.trigger, receipt.points, receipt.growth) == ("order_refunded", -198, -66)
    assert receipt.origin.occurrence == f"order:{order.pk}"
    assert receipt.points_entry.key == f"refund:{refund.pk}:points"
    assert receipt.growth_entry.key == f"refund:{refund.pk}:growth"
    assert [(step["text"], step["value"]) for step in receipt.steps] == [
        ("597 积分 × 已退 ¥66.33 ÷ 计分 ¥199.00", "-198"),
        ("本次扣回", "-198"),
        ("199 成长值 × 已退 ¥66.33 ÷ 计分 ¥199.00", "-66"),
        ("本次扣回", "-66"),
    ]


def test_three_refunds_of_everything_take_back_everything(member):
    order = given_order(member)
    for cents in (6633, 6633, 6634):
        refunded(order, cents)
    assert (points_of(member, THURSDAY), growth_of(member, THURSDAY)) == (0, 0)
    taken = Receipt.objects.filter(trigger="order_refunded").order_by("pk").values_list("points", flat=True)
    assert list(taken) == [-198, -199, -200]
    assert ledger.audit() == []


def test_the_same_refund_twice_takes_once(member):
    order = given_order(member)
    refund = refunded(order, 6633)
    again = take_back_for_refund(order_id=order.pk, refund_id=refund.pk, at=THURSDAY)
    assert (again.points, points_of(member, THURSDAY)) == (0, 597 - 198)


def test_two_refunds_that_were_made_before_either_was_handled_take_their_own_parts(member):
    order = given_order(member)
    first, second = a_refund(order, cents=6633, at=THURSDAY), a_refund(order, cents=6633, at=THURSDAY)
    taken = [
        take_back_for_refund(order_id=order.pk, refund_id=refund.pk, at=THURSDAY).points for refund in (first, second)
    ]
    assert taken == [198, 199]


def test_a_preview_leaves_out_what_an_earlier_refund_has_still_to_take(member):
    order = given_order(member)
    first = a_refund(order, cents=6633, at=THURSDAY)
    preview = CampaignPromotions().preview_refund(order_id=order.pk, refund_cents=6633)
    assert (preview.points_clawed_back, preview.growth_clawed_back) == (199, 66)
    second = a_refund(order, cents=6633, at=THURSDAY)
    taken = [take_back_for_refund(order_id=order.pk, refund_id=one.pk, at=THURSDAY) for one in (first, second)]
    assert [(one.points, one.growth) for one in taken] == [(198, 66), (199, 66)]


def test_what_was_refunded_before_completion_earns_nothing_and_loses_nothing(member):
    order = gold_order(member)
    refund = a_refund(order, cents=9900, at=WEDNESDAY)
    assert take_back_for_refund(order_id=order.pk, refund_id=refund.pk, at=WEDNESDAY).points == 0
    grant_for_order(order_id=order.pk, at=THURSDAY)
    assert points_of(member, THURSDAY) == 300
    refunded(order, 10000)
    assert points_of(member, THURSDAY) == 0


def test_a_refund_made_before_a_late_giving_is_not_counted_twice(member):
    order = gold_order(member)
    refund = a_refund(order, cents=9900, at=THURSDAY)
    grant_for_order(order_id=order.pk, at=THURSDAY)
    assert take_back_for_refund(order_id=order.pk, refund_id=refund.pk, at=THURSDAY).points == 0
    assert points_of(member, THURSDAY) == 300


def test_points_that_were_spent_are_owed(member):
    order = given_order(member)
    ledger.spend(account=member.points_account_id, points=500, key="spent", source="test", at=WEDNESDAY)
    refunded(order, 19900, at=THURSDAY + timedelta(days=1))
    balance = ledger.balance(account=member.points_account_id, at=THURSDAY + timedelta(days=1))
    assert (balance.spendable, balance.arrears) == (0, 500)


def test_an_order_that_earned_nothing_previews_nothing(member):
    order = gold_order(member)
    preview = CampaignPromotions().preview_refund(order_id=order.pk, refund_cents=100)
    assert (preview.points_clawed_back, preview.growth_clawed_back) == (0, 0)
