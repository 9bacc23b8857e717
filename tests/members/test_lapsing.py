"""What lapses when, and what to do about it."""

from datetime import date, datetime, timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from config.core.time import SHANGHAI, day_start
from mall.models import Category, Product, Sku, Stock, Store
from members.models import Member
from members.selectors.lapsing import lapsing, pending_points
from members.selectors.statement import statement
from points import ledger
from tests.members.factories import AT, a_member

pytestmark = pytest.mark.django_db
PAGE = "/points/lapsing/"


@pytest.fixture
def member() -> Member:
    return a_member(at=AT - timedelta(days=100))


def earn(member: Member, points: int, *, key: str, expires_at: datetime | None, at: datetime = AT) -> None:
    with transaction.atomic():
        ledger.earn(
            account=member.points_account_id, points=points, key=key, source="order:1", at=at, expires_at=expires_at
        )


def test_moments_come_in_order_with_the_days_that_are_left(member: Member) -> None:
    today = AT.astimezone(SHANGHAI).date()
    for number, days in enumerate((31, 1, 60, 32)):
        earn(member, 10 + number, key=f"e{number}", expires_at=day_start(today + timedelta(days=days)))
    earn(member, 500, key="forever", expires_at=None)
    found = lapsing(account=member.points_account_id, at=AT)
    assert [(one.points, one.last_day, one.days_left, one.is_soon) for one in found.moments] == [
        (11, date(2026, 11, 18), 0, True),
        (10, date(2026, 12, 18), 30, True),
        (13, date(2026, 12, 19), 31, False),
        (12, date(2027, 1, 16), 59, False),
    ]
    assert (found.available, found.soon, found.lasting, found.later) == (546, 21, 500, 0)


def test_what_has_lapsed_is_no_longer_listed(member: Member) -> None:
    earn(member, 10, key="e", expires_at=AT + timedelta(hours=1))
    found = lapsing(account=member.points_account_id, at=AT + timedelta(hours=1))
    assert (found.available, found.moments) == (0, ())


def test_many_moments_are_summed_after_three_years(member: Member) -> None:
    for month in range(40):
        earn(member, 1, key=f"e{month}", expires_at=AT + timedelta(days=30 * (month + 1)))
    found = lapsing(account=member.points_account_id, at=AT)
    assert (len(found.moments), found.later, found.available) == (36, 4, 40)


def a_reward(name: str, points: int, *, stock: int = 5) -> Sku:
    category = Category.objects.get_or_create(slug="gift", defaults={"name": "礼品"})[0]
    product = Product.objects.create(category=category, name=name, is_on_sale=True, is_redeemable=True)
    sku = Sku.objects.create(product=product, code=f"R-{name}", price_cents=1000, redeem_points=points)
    Stock.objects.create(sku=sku, store=Store.objects.get(is_default=True), available=stock)
    return sku


@pytest.fixture
def browser(client: Client, member: Member) -> Client:
    client.force_login(member.user)
    return client


def test_the_page_says_when_and_offers_what_the_points_already_pay_for(browser: Client, member: Member) -> None:
    earn(member, 300, key="e", expires_at=timezone.now() + timedelta(days=10), at=timezone.now())
    a_reward("随行杯", 300), a_reward("咖啡机", 301), a_reward("兑完的礼盒", 10, stock=0)
    page = browser.get(PAGE).content.decode()
    assert "300 积分" in page
    assert "还剩 10 天" in page
    assert "随行杯" in page
    assert "咖啡机" not in page
    assert "兑完的礼盒" not in page
    assert 'href="/points-mall/?reach=1"' in page


def test_who_can_redeem_nothing_yet_is_led_to_the_shop(browser: Client, member: Member) -> None:
    earn(member, 5, key="e", expires_at=None, at=timezone.now())
    a_reward("随行杯", 300)
    page = browser.get(PAGE).content.decode()
    assert "您的 5 积分长期有效" in page
    assert "还没有够得着的好礼" in page
    assert "随行杯" not in page


def test_who_has_nothing_is_told_how_to_earn(browser: Client) -> None:
    assert "还没有积分" in browser.get(PAGE).content.decode()


def test_the_points_mall_shows_what_is_within_reach(browser: Client, member: Member) -> None:
    earn(member, 300, key="e", expires_at=None, at=timezone.now())
    a_reward("随行杯", 300), a_reward("咖啡机", 301)
    within, whole = (browser.get(f"/points-mall/{query}").content.decode() for query in ("?reach=1", ""))
    assert ("随行杯" in within, "咖啡机" in within) == (True, False)
    assert ("随行杯" in whole, "咖啡机" in whole) == (True, True)
    assert "咖啡机" in browser.get("/points-mall/?reach=yes").content.decode()


def test_nobody_elses_points_are_seen(client: Client, browser: Client, member: Member) -> None:
    earn(member, 300, key="e", expires_at=None, at=timezone.now())
    other = a_member(phone="13800000002")
    client.force_login(other.user)  # type: ignore[arg-type]
    assert "300" not in client.get(PAGE).content.decode()
    visitor = Client().get(PAGE)
    assert (visitor.status_code, visitor["Location"]) == (302, "/login/?next=%2Fpoints%2Flapsing%2F")
    assert client.post(PAGE).status_code == 405


def test_a_visitor_of_the_points_mall_has_no_reach(client: Client, db: None) -> None:
    a_reward("随行杯", 300)
    page = client.get("/points-mall/?reach=1").content.decode()
    assert "随行杯" in page
    assert "我能兑的" not in page


def test_the_statement_leads_to_what_lapses(browser: Client, member: Member) -> None:
    earn(member, 300, key="e", expires_at=timezone.now() + timedelta(days=10), at=timezone.now())
    assert browser.get("/points/").content.decode().count('href="/points/lapsing/"') == 2


def test_the_page_costs_the_same_whatever_lapses(
    browser: Client, member: Member, django_assert_max_num_queries
) -> None:
    for number in range(30):
        earn(member, 1, key=f"e{number}", expires_at=timezone.now() + timedelta(days=number + 1), at=timezone.now())
        a_reward(f"礼品{number}", 1)
    browser.get(PAGE)
    with django_assert_max_num_queries(10):
        browser.get(PAGE)


def test_points_that_are_pending_are_told_apart_until_they_are_confirmed(browser: Client, member: Member) -> None:
    now = timezone.now()
    with transaction.atomic():
        entry = ledger.earn(
            account=member.points_account_id, points=188, key="p", source="order:7", at=now, pending=True
        )
    page = browser.get("/points/").content.decode()
    assert "另有 188 积分待生效" in page
    assert page.count("待生效，暂不能使用") == 1
    row = statement(account=member.points_account_id).rows[0]
    assert (row.title, row.points, row.pending, row.note) == ("消费得积分", 0, 188, "188 积分待生效")
    (waiting,) = pending_points(account=member.points_account_id)
    assert (waiting.entry_id, waiting.points, waiting.title) == (entry.id, 188, "消费得积分")
    assert "<dt>待生效</dt><dd>188</dd>" in browser.get(f"/points/{entry.id}/").content.decode()
    assert lapsing(account=member.points_account_id, at=now).available == 0
    with transaction.atomic():
        ledger.confirm(entry=entry.id, at=now)
    assert [(row.title, row.points, row.pending) for row in statement(account=member.points_account_id).rows] == [
        ("积分生效", 188, -188),
        ("消费得积分", 0, 188),
    ]
    assert pending_points(account=member.points_account_id) == ()
    assert "待生效，暂不能使用" not in browser.get("/points/").content.decode()
    earned = statement(account=member.points_account_id, direction="earned").rows
    assert [row.title for row in earned] == ["积分生效", "消费得积分"]
    assert statement(account=member.points_account_id, direction="spent").rows == ()


def test_a_pending_earning_that_is_taken_back_is_shown_as_taken(member: Member) -> None:
    with transaction.atomic():
        entry = ledger.earn(
            account=member.points_account_id, points=188, key="p", source="order:7", at=AT, pending=True
        )
        ledger.reverse(entry=entry.id, key="r", at=AT, points=100)
    row = statement(account=member.points_account_id).rows[0]
    assert (row.title, row.points, row.pending) == ("退款扣回", 0, -100)
    assert [one.points for one in pending_points(account=member.points_account_id)] == [88]
