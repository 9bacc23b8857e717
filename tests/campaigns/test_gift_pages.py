"""Gifts of benefits as members and staff see them: by name, never as come when they wait, and going back with a fee."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from campaigns.models import BenefitGift, Receipt
from campaigns.selectors.benefit_gifts import taken_back_by_fee
from config.core.keeping import forget_all
from config.outbox.services.deliveries import deliver_all
from members.models import Benefit, Member, PlanBenefit, User
from points import ledger
from tests.campaigns.gifts import a_benefit, a_plan_with_gift, due, heard, tell
from tests.campaigns.rows import a_member
from tests.campaigns.test_h5 import signed_in
from tests.mall_h5.test_plans import agree

pytestmark = pytest.mark.django_db
WAITS = "优惠券上线后发放"


@pytest.fixture(autouse=True)
def fresh() -> None:
    forget_all()


@pytest.fixture
def member() -> Member:
    return a_member(tier="gold")


@pytest.fixture
def page(client: Client, member: Member) -> Client:
    return signed_in(client, member)  # type: ignore[no-untyped-call]


@pytest.fixture
def boss(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("boss", password="boss-password-1"))
    return client


def usable(member: Member) -> int:
    return ledger.balance(account=member.points_account_id, at=timezone.now()).spendable


def test_the_receipt_goes_by_the_gifts_own_name(page: Client, member: Member) -> None:
    tell(due(member))
    heard()
    receipt = Receipt.objects.get()
    text = page.get(reverse("campaigns:receipt", args=[receipt.pk])).content.decode()
    for words in ("黄金会员生日礼", "+200 积分", "+200"):
        assert words in text
    assert "生日礼" in page.get(reverse("members:statement")).content.decode()


def test_no_page_says_that_a_pack_came_which_waits(page: Client, member: Member) -> None:
    benefit = a_benefit("gold", "monthly_coupons", None, title="月度券包")
    Benefit.objects.filter(pk=benefit.pk).update(subtitle="每月 1 日到账", position=0)
    plan = a_plan_with_gift(500)
    PlanBenefit.objects.create(plan=plan, kind="monthly_coupons", title="会员券包", subtitle="每月 1 日到账")
    tell(due(member, kind="monthly_coupons", period="2026-11", points=0))
    heard()
    for name in ("members:benefits", "members:plans", "mall:member-centre"):
        text = page.get(reverse(name)).content.decode()
        assert WAITS in text, name
        assert "每月 1 日到账" not in text, name


def test_a_gift_says_how_many_points_it_is(page: Client) -> None:
    a_benefit("gold", "birthday_gift", 200, title="生日礼")
    a_plan_with_gift(1500, refund_rule="pro_rata", refund_days=15)
    assert "200 积分" in page.get(reverse("members:benefits")).content.decode()
    text = page.get(reverse("members:plans")).content.decode()
    for words in ("1,500 积分", "开卡礼积分按同样比例扣回", "生日礼等礼遇各发各的"):
        assert words in text


def test_giving_a_plan_back_on_pages_shows_and_takes_the_same_points(page: Client, member: Member) -> None:
    plan = a_plan_with_gift(500, refund_rule="full", refund_days=7)
    order = agree(page, plan)
    page.post(reverse("mall:sandbox-pay", args=[order.number]))
    deliver_all(at=timezone.now())
    assert usable(member) == 500
    address = reverse("mall:fee-refund", args=[order.number])
    text = page.get(address).content.decode()
    assert re.search(r"<dt>扣回积分</dt><dd>500 积分</dd>", text)
    page.post(address, {"cash_cents": "9900"})
    deliver_all(at=timezone.now())
    assert usable(member) == 0


def test_the_preview_of_other_refunds_asks_the_database_once_more(member: Member) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert taken_back_by_fee(order_id=1, refund_cents=9900) == 0
    assert len(asked) == 1


def test_staff_see_what_was_given_what_went_back_and_what_waits(boss: Client, member: Member) -> None:
    tell(due(member), due(member, kind="monthly_coupons", title="券包", period="2026-11", points=0))
    heard()
    text = boss.get(reverse("admin:campaigns_benefitgift_changelist")).content.decode()
    for words in (member.number, "黄金会员生日礼", "已发放", "黄金会员券包", "待发放"):
        assert words in text
    waiting = boss.get(reverse("admin:campaigns_benefitgift_changelist"), {"state__exact": "waiting"}).content.decode()
    assert "黄金会员券包" in waiting
    assert "黄金会员生日礼" not in waiting
    tell(due(member, kind="tier_up_gift", title="升级礼", period="tier:gold"))
    heard()
    assert "只送一次" in boss.get(reverse("admin:campaigns_benefitgift_changelist")).content.decode()
    gift = BenefitGift.objects.get(kind="birthday_gift")
    shown = boss.get(reverse("admin:campaigns_benefitgift_change", args=[gift.pk]))
    assert shown.status_code == 200
    assert boss.post(reverse("admin:campaigns_benefitgift_change", args=[gift.pk]), {}).status_code == 403
    receipts = boss.get(reverse("admin:campaigns_receipt_changelist"), {"trigger__exact": "benefit_due"})
    assert f"birthday_gift:{gift.pk}" in receipts.content.decode()


def test_the_form_of_a_tier_asks_for_points_and_refuses_what_are_none(boss: Client) -> None:
    benefit = a_benefit("bronze", "birthday_gift", None, title="生日礼")
    url = reverse("admin:members_tier_change", args=[benefit.tier_id])
    assert "生日礼、升级礼、开卡礼填赠送的积分" in boss.get(url).content.decode()
    form = {
        "name": "青铜会员",
        "code": "bronze",
        "rank": "1",
        "threshold": "0",
        "color": "#b9835a",
        "art": "tier-bronze",
        "_confirmed": "1",
        "benefits-TOTAL_FORMS": "1",
        "benefits-INITIAL_FORMS": "1",
        "benefits-0-id": str(benefit.pk),
        "benefits-0-tier": str(benefit.tier_id),
        "benefits-0-kind": "birthday_gift",
        "benefits-0-title": "生日礼",
        "benefits-0-icon": "cake",
        "benefits-0-position": "0",
    }
    refused = boss.post(url, {**form, "benefits-0-value": "1.5"}).content.decode()
    assert "赠送积分为 1 到 100,000 的整数" in refused
    assert boss.post(url, {**form, "benefits-0-value": "200"}).status_code == 302
    assert Benefit.objects.get(pk=benefit.pk).value == 200
