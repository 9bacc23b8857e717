"""Paid membership on pages: compared, bought, shown on the card, given back; tried and given as a card."""

import re

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from config.core.keeping import forget_all
from mall.models import Order
from members.models import GiftCardBatch, Member, MembershipSaving, Plan, Subscription
from members.services import gift_cards
from tests.members.factories import a_clerk
from tests.members.plans.factories import a_plan, buy

pytestmark = pytest.mark.django_db
PLANS, CARD, GIFT = "/membership/plans/", "/membership/", "/membership/gift-card/"


@pytest.fixture(autouse=True)
def plan() -> Plan:
    forget_all()
    return a_plan(refund_rule="full", refund_days=7, trial_days=7)


def agree(client: Client, plan: Plan, query: str = "") -> Order:
    """Buy as the page offers it, up to the cashier."""
    address = reverse("mall:plan-buy", args=[plan.pk]) + query
    page = client.get(address).content.decode()
    fields = dict(re.findall(r'name="(key|terms|payable_cents)" value="([^"]+)"', page))
    answer = client.post(address, fields)
    order = Order.objects.latest("pk")
    assert answer["Location"] == reverse("mall:cashier", args=[order.number])
    return order


def test_a_visitor_sees_what_each_plan_costs_gives_and_pays_back(visitor: Client) -> None:
    page = visitor.get(PLANS).content.decode()
    assert "年度会员" in page
    assert "购买后 7 天内不满意可退会费，已付会费全额退回" in page
    assert "消费满 ¥990.00，会员折扣省下的钱就超过会费" in page


def test_buying_paying_and_giving_back_on_pages(buyer: Client, member: Member, plan: Plan) -> None:
    order = agree(buyer, plan)
    assert buyer.post(reverse("mall:sandbox-pay", args=[order.number])).status_code == 302
    assert "开通成功" in buyer.get(reverse("mall:pay-result", args=[order.number])).content.decode()
    assert "有效期至" in buyer.get(CARD).content.decode()
    page = buyer.get(reverse("mall:order", args=[order.number])).content.decode()
    assert "不满意退会费" in page
    address = reverse("mall:fee-refund", args=[order.number])
    shown = re.search(r'name="cash_cents" value="(\d+)"', buyer.get(address).content.decode())
    assert shown is not None
    assert buyer.post(address, {"cash_cents": "1"}).status_code == 422
    assert buyer.post(address, {"cash_cents": shown[1]}).status_code == 302
    assert Subscription.objects.get(member=member).refunded_cents == 9900
    assert "还不是付费会员" in buyer.get(CARD).content.decode()


def test_the_price_that_was_shown_is_the_price_that_counts(buyer: Client, plan: Plan) -> None:
    answer = buyer.post(reverse("mall:plan-buy", args=[plan.pk]), {"key": "k", "payable_cents": "1"})
    assert answer.status_code == 409
    assert not Order.objects.exists()


def test_the_rule_that_was_shown_is_the_rule_that_is_agreed_on(buyer: Client, plan: Plan) -> None:
    address = reverse("mall:plan-buy", args=[plan.pk])
    fields = dict(re.findall(r'name="(key|terms|payable_cents)" value="([^"]+)"', buyer.get(address).content.decode()))
    Plan.objects.filter(pk=plan.pk).update(refund_rule="none", refund_days=0)
    for terms in (fields["terms"], "", "none:x"):
        answer = buyer.post(address, fields | {"terms": terms})
        assert answer.status_code == 409
        assert "退会费规则有变化：开通后会费不退，请确认后购买。请确认后重新提交" in answer.content.decode()
    assert not Order.objects.exists()
    assert "开通后会费不退" in buyer.get(address).content.decode()
    assert agree(buyer, plan).plan_order.refund_rule == "none"


def test_a_trial_begins_at_once_and_only_once(buyer: Client, member: Member, plan: Plan) -> None:
    address = reverse("members:plan-trial", args=[plan.pk])
    assert buyer.post(address)["Location"] == CARD
    assert "（试用）" in buyer.get(CARD).content.decode()
    assert buyer.post(address)["Location"] == PLANS
    assert Subscription.objects.filter(member=member).count() == 1


def test_a_gift_card_is_activated_and_a_wrong_code_says_so(buyer: Client, member: Member, plan: Plan) -> None:
    batch = GiftCardBatch.objects.create(name="年会", plan=plan, quantity=1)
    (code,) = gift_cards.export(batch_id=batch.pk, user_id=a_clerk().pk, at=timezone.now())
    wrong = buyer.post(GIFT, {"code": "AAAA-AAAA"})
    assert wrong.status_code == 422
    assert "激活码无效、已使用或已过期" in wrong.content.decode()
    assert buyer.post(GIFT, {"code": code})["Location"] == CARD
    assert Subscription.objects.get(member=member).source == "gift_card"


def test_every_order_shows_what_it_saved(buyer: Client, member: Member, plan: Plan) -> None:
    buy(plan, member_id=member.pk, order=1, at=timezone.now())
    at = timezone.now()
    MembershipSaving.objects.create(
        member=member, order_ref="order:5", order_number="88", kind="discount", cents=1234, placed_at=at, at=at
    )
    page = buyer.get(CARD).content.decode()
    assert "已省 ¥12.34" in page
    assert "订单 88" in page


@pytest.mark.parametrize("path", [PLANS, CARD])
def test_pages_take_at_most_ten_queries(buyer: Client, member: Member, plan: Plan, path: str) -> None:
    buy(plan, member_id=member.pk, order=1, at=timezone.now())
    cache.clear()
    forget_all()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        buyer.get(path)
    assert len(asked) <= 10
