"""Check-in, receipts and blocks: what members read, that it is theirs alone, and what it costs."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from campaigns.blocks import CAMPAIGN_NOTICES, CHECK_IN_WEEK
from campaigns.models import CheckIn, Receipt
from campaigns.selectors.check_ins import check_in_page
from campaigns.services.check_in import check_in
from campaigns.services.clawback import take_back_for_refund
from campaigns.services.granting import grant_for_order
from config.core.blocks import Placement, Viewer
from config.core.time import SHANGHAI
from members.models import Member, User
from tests.campaigns.cases import THURSDAY, WEDNESDAY
from tests.campaigns.rows import a_member, a_refund, an_order, points_of, presets_installed

pytestmark = pytest.mark.django_db


def signed_in(client, member: Member):
    user = User.objects.create_user(username=f"m{member.pk}", is_member=True)
    Member.objects.filter(pk=member.pk).update(user=user)
    client.force_login(user)
    return client


@pytest.fixture
def member():
    presets_installed()
    return a_member(tier="gold")


@pytest.fixture
def page(client, member):
    return signed_in(client, member)


def gold_receipt(member) -> Receipt:
    order = an_order(member, cents=19900, paid_at=WEDNESDAY, tier="gold", tier_name="黄金会员", multiplier="1.5")
    return Receipt.objects.get(pk=grant_for_order(order_id=order.pk, at=WEDNESDAY))


def test_the_receipt_shows_every_step_and_what_nearly_applied(page, member):
    receipt = gold_receipt(member)
    text = page.get(reverse("campaigns:receipt", args=[receipt.pk])).content.decode()
    for words in ("¥199.00 × 1 积分/元", "等级积分 ×1.5", "298.5", "199 × 1.5 × 2 = 597", "+597", "+199 成长值"):
        assert words in text
    for words in ("差一点就有", "差 ¥301.00 满 500 元", "仅限每月 15 日"):
        assert words in text
    assert receipt.occurrence not in text


@pytest.mark.parametrize("entry", ["points_entry_id", "growth_entry_id"])
def test_a_line_of_the_statement_leads_to_its_receipt(page, member, entry):
    receipt = gold_receipt(member)
    answer = page.get(reverse("campaigns:receipt-of-entry", args=[getattr(receipt, entry)]))
    assert "199 × 1.5 × 2 = 597" in answer.content.decode()


def test_a_refund_has_a_receipt_that_leads_back_to_what_was_earned(page, member):
    receipt = gold_receipt(member)
    order_id = int(receipt.occurrence.removeprefix("order:"))
    order = type(an_order(member, cents=1, paid_at=WEDNESDAY)).objects.get(pk=order_id)
    refund = a_refund(order, cents=6633, at=THURSDAY)
    take_back_for_refund(order_id=order.pk, refund_id=refund.pk, at=THURSDAY)
    taken = Receipt.objects.get(origin=receipt)
    text = page.get(reverse("campaigns:receipt", args=[taken.pk])).content.decode()
    assert "-198" in text
    assert "597 积分 × 已退 ¥66.33 ÷ 计分 ¥199.00" in text
    assert reverse("campaigns:receipt", args=[receipt.pk]) in text
    origin = page.get(reverse("campaigns:receipt", args=[receipt.pk])).content.decode()
    assert reverse("campaigns:receipt", args=[taken.pk]) in origin


@pytest.mark.parametrize("name", ["receipt", "receipt-of-entry"])
def test_another_members_receipt_is_not_found(page, member, name):
    receipt = gold_receipt(a_member())
    number = receipt.pk if name == "receipt" else receipt.points_entry_id
    assert page.get(reverse(f"campaigns:{name}", args=[number])).status_code == 404
    assert page.get(reverse(f"campaigns:{name}", args=[10**30])).status_code == 404


def test_visitors_sign_in_first(client):
    presets_installed()
    for url in (reverse("campaigns:check-in"), reverse("campaigns:receipt", args=[1])):
        assert client.get(url)["Location"].startswith(reverse("members:login"))
    assert client.post(reverse("campaigns:check-in")).status_code == 302
    assert CheckIn.objects.count() == 0


@time_machine.travel(THURSDAY, tick=False)
def test_checking_in_from_the_page(page, member):
    assert "签到领 10 积分" in page.get(reverse("campaigns:check-in")).content.decode()
    answer = page.post(reverse("campaigns:check-in"), follow=True).content.decode()
    assert "签到成功，+10 积分，已连续签到 1 天" in answer
    assert "今天已签到" in answer
    again = page.post(reverse("campaigns:check-in"), follow=True).content.decode()
    assert "今天已经签到过了，明天再来吧" in again
    assert points_of(member, THURSDAY) == 10


def test_the_week_follows_the_streak_and_promises_the_seventh_day(member):
    start = datetime(2026, 11, 1, 8, 0, tzinfo=SHANGHAI)
    for number in range(4):
        check_in(member_id=member.pk, at=start + timedelta(days=number))
    week = check_in_page(member_id=member.pk, at=start + timedelta(days=4)).week
    assert (week.streak, week.is_done_today, week.points_today, week.treat) == (4, False, 10, (3, 20))
    assert [(day.day.day, day.streak, day.points, day.state) for day in week.days] == [
        (1, 1, 10, "done"),
        (2, 2, 10, "done"),
        (3, 3, 10, "done"),
        (4, 4, 10, "done"),
        (5, 5, 10, "today"),
        (6, 6, 10, "ahead"),
        (7, 7, 20, "ahead"),
    ]


def test_the_eighth_day_begins_a_new_week_of_the_streak(member):
    start = datetime(2026, 11, 1, 8, 0, tzinfo=SHANGHAI)
    for number in range(7):
        check_in(member_id=member.pk, at=start + timedelta(days=number))
    page = check_in_page(member_id=member.pk, at=start + timedelta(days=7))
    assert [(day.day.day, day.streak, day.state) for day in page.week.days][:2] == [(8, 8, "today"), (9, 9, "ahead")]
    assert (page.week.treat, page.days_this_month) == ((7, 20), 7)
    on_the_seventh = check_in_page(member_id=member.pk, at=start + timedelta(days=6)).week
    assert [day.state for day in on_the_seventh.days] == ["done"] * 7


@pytest.mark.parametrize("name", ["check-in", "receipt"])
def test_pages_cost_few_queries(page, member, name, django_assert_max_num_queries):
    args = [gold_receipt(member).pk] if name == "receipt" else []
    page.get(reverse(f"campaigns:{name}", args=args))
    with django_assert_max_num_queries(8):
        assert page.get(reverse(f"campaigns:{name}", args=args)).status_code == 200


def a_placement(kind: str, **config) -> list[Placement]:
    return [Placement(id=1, kind=kind, config=config)]


def test_the_notices_say_what_runs_now_timed_ones_first(django_assert_num_queries):
    presets_installed()
    viewer = Viewer(member_id=None, at=WEDNESDAY)
    with django_assert_num_queries(1):
        values = CAMPAIGN_NOTICES.load(a_placement("campaign_notices", limit=3), viewer)[1]
    assert [(notice["name"], notice["tag"]) for notice in values["notices"]] == [
        ("每周三会员日双倍积分", "今日有效"),
        ("每周三积分兑换 8 折", "今日有效"),
        ("消费得积分", ""),
    ]
    thursday = CAMPAIGN_NOTICES.load(a_placement("campaign_notices"), Viewer(member_id=None, at=THURSDAY))[1]
    assert "每周三会员日双倍积分" not in [notice["name"] for notice in thursday["notices"]]


def test_a_shop_without_campaigns_shows_no_notices():
    assert CAMPAIGN_NOTICES.load(a_placement("campaign_notices"), Viewer(member_id=None, at=THURSDAY)) == {}


def test_the_check_in_block_is_for_members(member):
    assert CHECK_IN_WEEK.load(a_placement("check_in_week"), Viewer(member_id=None, at=THURSDAY)) == {}
    values = CHECK_IN_WEEK.load(a_placement("check_in_week"), Viewer(member_id=member.pk, at=THURSDAY))[1]
    assert (values["points_today"], values["hint"]) == (10, "再签 7 天得 20 积分")
