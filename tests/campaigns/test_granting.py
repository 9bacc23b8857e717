"""A completed order is given for exactly once, by the rules that were live when it was paid."""

from datetime import datetime, timedelta

import pytest

from campaigns.models import Grant, Receipt
from campaigns.services.editing import CampaignValues, pause, save
from campaigns.services.granting import Facts, grant_for_occurrence, grant_for_order
from config.core.time import SHANGHAI
from points import ledger
from tests.campaigns.cases import THURSDAY, WEDNESDAY
from tests.campaigns.rows import a_campaign, a_member, an_order, growth_of, points_of, presets_installed

pytestmark = pytest.mark.django_db


def test_a_gold_members_wednesday_order_gives_597_points_on_one_receipt_and_one_entry_per_asset():
    presets_installed()
    member = a_member(tier="gold")
    order = an_order(member, cents=19900, paid_at=WEDNESDAY, tier="gold", tier_name="黄金会员", multiplier="1.5")
    receipt_id = grant_for_order(order_id=order.pk, at=THURSDAY)
    receipt = Receipt.objects.get(pk=receipt_id)
    assert (receipt.points, receipt.growth, receipt.base_cents) == (597, 199, 19900)
    assert (receipt.at, receipt.created_at) == (WEDNESDAY, THURSDAY)
    assert [step["value"] for step in receipt.steps] == ["199", "298.5", "597", "597", "199", "199"]
    assert [near["why"] for near in receipt.nearly] == ["差 ¥301.00 满 500 元", "仅限每月 15 日"]
    assert (points_of(member, THURSDAY), growth_of(member, THURSDAY)) == (597, 199)
    assert receipt.points_entry.key == f"order:{order.pk}:points"
    assert receipt.growth_entry.key == f"order:{order.pk}:growth"
    assert receipt.points_entry.source == receipt.growth_entry.source == f"order:{order.pk}"
    grants = Grant.objects.order_by("campaign__position").values_list("campaign__code", "points", "growth")
    assert list(grants) == [("base", 298, 199), ("wednesday-double", 299, 0)]


def test_points_expire_at_the_end_of_the_month_twelve_months_later():
    presets_installed("base")
    member = a_member()
    order = an_order(member, cents=100, paid_at=THURSDAY)
    grant_for_order(order_id=order.pk, at=THURSDAY)
    lapsing = ledger.balance(account=member.points_account_id, at=THURSDAY).lapsing
    assert lapsing == [(datetime(2027, 12, 1, tzinfo=SHANGHAI), 1)]


def test_the_same_order_twice_is_given_for_once():
    presets_installed("base")
    member = a_member()
    order = an_order(member, cents=10000, paid_at=THURSDAY)
    assert grant_for_order(order_id=order.pk, at=THURSDAY) is not None
    assert grant_for_order(order_id=order.pk, at=THURSDAY) is None
    assert points_of(member, THURSDAY) == 100
    assert (Receipt.objects.count(), Grant.objects.count()) == (1, 1)


def test_an_order_is_judged_by_the_version_that_was_live_when_it_was_paid():
    member = a_member()
    campaign = a_campaign()
    order = an_order(member, cents=10000, paid_at=WEDNESDAY)
    richer = CampaignValues(
        code=campaign.code,
        name="三倍",
        trigger="order_completed",
        effects=[{"kind": "points_per_yuan", "points": 3}],
    )
    save(campaign_id=campaign.pk, values=richer, at=WEDNESDAY + timedelta(hours=1))
    later = an_order(member, cents=10000, paid_at=WEDNESDAY + timedelta(hours=1))
    grant_for_order(order_id=order.pk, at=THURSDAY)
    grant_for_order(order_id=later.pk, at=THURSDAY)
    assert list(Grant.objects.order_by("pk").values_list("version__number", "points")) == [(1, 100), (2, 300)]


def test_a_paused_campaign_still_gives_for_what_was_paid_before():
    member, campaign = a_member(), a_campaign()
    before = an_order(member, cents=10000, paid_at=WEDNESDAY)
    pause(campaign_id=campaign.pk, at=WEDNESDAY + timedelta(seconds=1))
    after = an_order(member, cents=10000, paid_at=WEDNESDAY + timedelta(seconds=1))
    assert grant_for_order(order_id=before.pk, at=THURSDAY) is not None
    assert grant_for_order(order_id=after.pk, at=THURSDAY) is None
    assert points_of(member, THURSDAY) == 100


@pytest.mark.parametrize(("cents", "kind"), [(0, "sale"), (10000, "redemption")])
def test_what_was_not_bought_with_cash_earns_nothing(cents, kind):
    presets_installed()
    order = an_order(a_member(), cents=cents, paid_at=THURSDAY, kind=kind)
    assert grant_for_order(order_id=order.pk, at=THURSDAY) is None
    assert Receipt.objects.count() == 0


def test_a_walk_in_earns_nothing():
    presets_installed()
    order = an_order(None, cents=10000, paid_at=THURSDAY)
    assert grant_for_order(order_id=order.pk, at=THURSDAY) is None


def test_a_closed_member_is_given_nothing():
    presets_installed()
    member = a_member()
    order = an_order(member, cents=10000, paid_at=THURSDAY)
    type(member).objects.filter(pk=member.pk).update(status="closed")
    assert grant_for_order(order_id=order.pk, at=THURSDAY) is None
    assert (points_of(member, THURSDAY), Receipt.objects.count()) == (0, 0)


def test_growth_lifts_the_tier_in_the_same_transaction():
    presets_installed("base")
    member = a_member()
    order = an_order(member, cents=100000, paid_at=THURSDAY)
    grant_for_order(order_id=order.pk, at=THURSDAY)
    member.refresh_from_db()
    assert member.tier.code == "silver"


def test_a_newcomer_gets_50_points_once():
    presets_installed()
    member = a_member()
    name = f"member:{member.pk}:registered"
    for _ in range(2):
        grant_for_occurrence(
            trigger="member_registered", member_id=member.pk, occurrence=name, at=THURSDAY, facts=Facts(channel="h5")
        )
    receipt = Receipt.objects.get()
    assert (receipt.points, receipt.points_entry.key, points_of(member, THURSDAY)) == (50, name, 50)
