"""What a benefit promises is given, once, with a receipt that names the tier or plan; what can't be given yet waits."""

from datetime import datetime

import pytest
from django.db import transaction

from campaigns.models import BenefitGift, Grant, Receipt
from campaigns.services import benefit_gifts
from campaigns.services.birthdays import grant_birthdays
from config.core.time import SHANGHAI
from config.outbox.models import Delivery
from config.outbox.services.deliveries import deliver_all
from members.models import Member, Message
from members.services import closing, merging
from members.services.gifts import promise_birthdays, promise_monthly
from members.services.growth import post_growth
from members.services.plan_gifts import promise_birthdays as promise_plan_birthdays
from members.services.subscriptions import start_trial
from points import ledger
from tests.campaigns.gifts import DAY, NOW, a_benefit, a_plan_with_gift, due, heard, tell
from tests.campaigns.rows import a_member, points_of, presets_installed
from tests.members.plans.factories import buy

pytestmark = pytest.mark.django_db


def gifts() -> list[tuple[str, str, int, str]]:
    return list(BenefitGift.objects.order_by("pk").values_list("title", "period", "points", "state"))


def told() -> list[str]:
    return list(Message.objects.filter(template__code="points_gained").order_by("pk").values_list("body", flat=True))


@pytest.fixture
def gold() -> Member:
    """A gold member whose birthday it is."""
    return a_member(tier="gold", month_day="1118")


def test_a_gold_members_birthday_gift_is_given_with_its_rule_in_words(gold: Member) -> None:
    a_benefit("gold", "birthday_gift", 200, title="生日礼")
    promise_birthdays(at=NOW, after_member_id=0, limit=10)
    heard()
    receipt = Receipt.objects.get(member=gold)
    gift = BenefitGift.objects.get(receipt=receipt)
    assert gifts() == [("黄金会员生日礼", "2026", 200, "given")]
    assert (receipt.trigger, receipt.points, receipt.growth, receipt.at) == ("benefit_due", 200, 0, NOW)
    assert [(step["campaign"], step["text"], step["value"]) for step in receipt.steps] == [
        ("黄金会员生日礼", "+200 积分", "200"),
        ("", "合计", "200"),
    ]
    entry = receipt.points_entry
    assert entry is not None
    assert (entry.spendable, entry.source, entry.reason) == (200, f"birthday_gift:{gift.pk}", "benefit_due")
    assert told() == ["黄金会员生日礼，获得 200 积分，已经可以使用。"]
    assert ledger.audit() == []


def test_points_of_a_gift_live_as_long_as_the_shops_other_points(gold: Member) -> None:
    tell(due(gold))
    heard()
    lapsing = ledger.balance(account=gold.points_account_id, at=NOW).lapsing
    assert lapsing == [(datetime(2027, 12, 1, tzinfo=SHANGHAI), 200)]


def test_a_promise_told_again_is_given_once(gold: Member) -> None:
    tell(due(gold), due(gold), due(gold, at=NOW + DAY))
    heard()
    tell(due(gold, granted_by="diamond"))
    heard()
    assert (points_of(gold, NOW + DAY), Receipt.objects.count(), len(told())) == (200, 1, 1)


def test_another_year_is_another_gift(gold: Member) -> None:
    tell(due(gold), due(gold, period="2027"), due(gold, origin="plan", granted_by="year"))
    heard()
    assert points_of(gold, NOW) == 600


def test_a_handler_that_dies_halfway_leaves_nothing_and_gives_once_when_it_is_tried_again(
    gold: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(**facts: object) -> None:
        assert points_of(gold, NOW) == 200  # everything was booked by then
        raise RuntimeError("killed")

    tell(due(gold))
    with monkeypatch.context() as patched:
        patched.setattr(benefit_gifts, "tell_gained", die)
        assert deliver_all(at=NOW).failed == 1
    assert (points_of(gold, NOW), Receipt.objects.count(), gifts()) == (0, 0, [])
    heard()
    assert (points_of(gold, NOW), len(gifts())) == (200, 1)
    assert Delivery.objects.get(handler__endswith="on_benefit").attempts == 1


def test_what_was_promised_is_given_though_the_merchant_changed_it_meanwhile(gold: Member) -> None:
    benefit = a_benefit("gold", "birthday_gift", 200, title="生日礼")
    promise_birthdays(at=NOW, after_member_id=0, limit=10)
    benefit.delete()
    heard()
    assert points_of(gold, NOW) == 200


def test_reaching_a_tier_brings_that_tiers_gift() -> None:
    a_benefit("silver", "tier_up_gift", 100, title="升级礼")
    a_benefit("gold", "tier_up_gift", 300, title="黄金升级礼")
    member = a_member()
    with transaction.atomic():
        post_growth(member_id=member.pk, points=5000, key="g", source="order:1", at=NOW, cause="order:1")
    heard()
    assert gifts() == [("黄金升级礼", "tier:gold", 300, "given")]
    assert points_of(member, NOW) == 300


def test_opening_a_plan_brings_its_welcome_gift_once_and_a_trial_none() -> None:
    plan, member = a_plan_with_gift(trial_days=7), a_member()
    with transaction.atomic():
        start_trial(member_id=member.pk, plan_id=plan.pk, at=NOW)
    heard()
    assert gifts() == []
    for order in (1, 2):
        buy(plan, member_id=member.pk, order=order, at=NOW + DAY)
    heard(NOW + 2 * DAY)
    assert gifts() == [("年度会员开卡礼", "plan:year", 500, "given")]
    assert points_of(member, NOW + DAY) == 500


def test_a_birthday_gift_without_points_is_left_to_the_campaign(gold: Member) -> None:
    presets_installed("birthday")
    a_benefit("gold", "birthday_gift", None, title="生日礼")
    promise_birthdays(at=NOW, after_member_id=0, limit=10)
    heard()
    assert (points_of(gold, NOW), gifts()) == (0, [])
    grant_birthdays(at=NOW)
    assert points_of(gold, NOW) == 100


def test_tier_plan_and_campaign_promise_a_birthday_each_and_each_gives(gold: Member) -> None:
    presets_installed("birthday")
    a_benefit("gold", "birthday_gift", 200, title="生日礼")
    buy(a_plan_with_gift(50, gift="birthday_gift"), member_id=gold.pk, order=1, at=NOW)
    for _ in range(2):
        promise_birthdays(at=NOW, after_member_id=0, limit=10)
        promise_plan_birthdays(at=NOW, after_member_id=0, limit=10)
        grant_birthdays(at=NOW)
        heard()
    assert sorted(Receipt.objects.values_list("trigger", "points")) == [
        ("benefit_due", 50),
        ("benefit_due", 200),
        ("birthday", 100),
    ]
    assert points_of(gold, NOW) == 350


def test_a_months_pack_waits_for_coupons_and_nobody_is_told_that_it_came(gold: Member) -> None:
    a_benefit("gold", "monthly_coupons", None, title="券包")
    promise_monthly(at=NOW, after_member_id=0, limit=10)
    promise_monthly(at=NOW + 30 * DAY, after_member_id=0, limit=10)
    heard()
    assert gifts() == [("黄金会员券包", "2026-11", 0, "waiting"), ("黄金会员券包", "2026-12", 0, "waiting")]
    assert set(BenefitGift.objects.values_list("granted_by", "kind")) == {("gold", "monthly_coupons")}
    assert (Receipt.objects.count(), Grant.objects.count(), told()) == (0, 0, [])


def test_who_has_left_by_then_is_given_nothing(gold: Member) -> None:
    Member.objects.filter(pk=gold.pk).update(status="closed")
    tell(due(gold), due(gold, kind="monthly_coupons", title="券包", period="2026-11", points=0))
    heard()
    void = [("黄金会员生日礼", "2026", 200, "void"), ("黄金会员券包", "2026-11", 0, "void")]
    assert (points_of(gold, NOW), gifts()) == (0, void)


def test_closing_the_account_gives_up_what_still_waits(gold: Member) -> None:
    tell(due(gold), due(gold, kind="monthly_coupons", period="2026-11", points=0))
    heard()
    with transaction.atomic():
        closing.ask_to_close(member_id=gold.pk, channel="h5", at=NOW)
    with transaction.atomic():
        assert closing.close(closing_id=closing.due(at=NOW + 30 * DAY).closing_ids[0], at=NOW + 30 * DAY)
    assert [state for *_, state in gifts()] == ["given", "void"]


def test_gifts_follow_the_member_and_none_comes_twice() -> None:
    source, target = a_member(tier="gold"), a_member(tier="gold")
    pack = {"kind": "monthly_coupons", "period": "2026-11", "points": 0}
    tell(due(source, period="2025"), due(source, **pack), due(target, **pack))
    heard()
    late = due(source)
    with transaction.atomic():
        merging.merge_members(source_id=source.pk, target_id=target.pk, at=NOW)
    tell(due(target, period="2025"), late)
    heard(NOW + 2 * DAY)
    rows = BenefitGift.objects.order_by("pk").values_list("member", "kind", "period", "state")
    assert list(rows) == [
        (target.pk, "birthday_gift", "2025", "given"),
        (source.pk, "monthly_coupons", "2026-11", "void"),
        (target.pk, "monthly_coupons", "2026-11", "waiting"),
        (target.pk, "birthday_gift", "2026", "given"),
    ]
    assert points_of(target, NOW) == 400
    assert set(Receipt.objects.values_list("member", flat=True)) == {target.pk}


def test_a_gift_of_a_duplicate_counts_before_its_row_has_moved() -> None:
    source, target = a_member(tier="gold"), a_member(tier="gold")
    tell(due(source))
    heard()
    with transaction.atomic():
        merging.merge_members(source_id=source.pk, target_id=target.pk, at=NOW)
        gift = benefit_gifts.give_promised(
            member_id=target.pk,
            promise=benefit_gifts.Promise(
                kind="birthday_gift", origin="tier", granted_by="gold", title="生日礼", period="2026", points=200
            ),
            at=NOW,
        )
    assert gift is None
    heard()
    assert points_of(target, NOW) == 200
