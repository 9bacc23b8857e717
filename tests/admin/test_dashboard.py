"""The dashboard's figures, from rows whose sums are known."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.test import Client

from config.core.time import SHANGHAI
from mall.models import Sku, Stock
from members.models import Member
from points import ledger
from tests.admin.conftest import ClientWith
from tests.admin.full_shop import refund_one
from tests.mall.builders import a_buyer, a_paid_order, a_sku, give_points, place, ship

NOW = datetime(2026, 11, 18, 15, 0, tzinfo=SHANGHAI)  # a Wednesday


@pytest.fixture(autouse=True)
def _today() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def moved(order: Any, *, days: int) -> None:
    """An order as if paid so many days ago."""
    order.paid_at = NOW - timedelta(days=days)
    order.save(update_fields=["paid_at"])


def cards(response: Any) -> dict[str, tuple[str, str | None, str | None]]:
    """Card title -> (value, change, value before)."""
    return {
        card["title"]: (card["value"], card.get("change"), card.get("before")) for card in response.context["cards"]
    }


@pytest.fixture
def known_rows() -> Member:
    """Paid: 100 yuan today, 200 yuan 3 days ago, 400 yuan 10 days ago, 500 yuan 40 days ago; one order unpaid."""
    member = a_buyer()
    member.registered_at = NOW - timedelta(days=10)
    member.save()
    for cents, days in ((10000, 0), (20000, 3), (40000, 10), (50000, 40)):
        order = a_paid_order(member, (a_sku(price_cents=cents), 1))
        moved(order, days=days)
        if days:
            ship(order.pk)
    place(member, (a_sku(price_cents=7700), 1))
    with transaction.atomic():
        ledger.earn(account=member.points_account_id, points=900, key="a", source="test", at=NOW)
        ledger.earn(account=member.points_account_id, points=300, key="b", source="test", at=NOW - timedelta(days=8))
        ledger.spend(account=member.points_account_id, points=200, key="c", source="test", at=NOW)
    return member


def test_seven_days_are_compared_with_the_seven_before(owner: Client, known_rows: Member) -> None:
    shown = cards(owner.get("/admin/"))
    assert shown == {
        "成交额": ("¥300.00", "25.0%", "¥400.00"),
        "成交订单": ("2", "100.0%", "1"),
        "新增会员": ("0", "100.0%", "1"),
        "发放积分": ("900", "200.0%", "300"),
        "消耗积分": ("200", None, "0"),
        "未兑付积分": ("1,000", None, None),
    }


def test_a_fall_points_down_and_a_rise_up(owner: Client, known_rows: Member) -> None:
    response = owner.get("/admin/")
    rises = {card["title"]: card.get("rises") for card in response.context["cards"]}
    assert (rises["成交额"], rises["成交订单"]) == (False, True)


def test_today_counts_today_alone(owner: Client, known_rows: Member) -> None:
    response = owner.get("/admin/?days=1")
    shown = cards(response)
    assert shown["成交额"] == ("¥100.00", None, "¥0.00")
    assert shown["成交订单"] == ("1", None, "0")
    assert response.context["spell"] == "11 月 18 日，与昨天全天比较"


def test_thirty_days_count_all_but_the_oldest(owner: Client, known_rows: Member) -> None:
    response = owner.get("/admin/?days=30")
    shown = cards(response)
    assert shown["成交额"] == ("¥700.00", "40.0%", "¥500.00")
    assert shown["新增会员"] == ("1", None, "0")
    assert response.context["spell"] == "10 月 20 日 – 11 月 18 日，与之前 30 天比较"


@pytest.mark.parametrize("days", ["", "0", "-1", "365", "x", "7'"])
def test_an_odd_period_falls_back_to_seven_days(owner: Client, days: str) -> None:
    response = owner.get("/admin/", {"days": days})
    assert [period["days"] for period in response.context["periods"] if period["chosen"]] == [7]


def test_outstanding_points_are_priced_in_yuan(owner: Client, known_rows: Member) -> None:
    card = owner.get("/admin/").context["cards"][-1]
    assert (card["value"], card["note"]) == ("1,000", "约合 ¥10.00")


def test_the_days_of_the_trend_are_shanghai_days(owner: Client) -> None:
    order = a_paid_order(a_buyer(), (a_sku(price_cents=10000), 1))
    order.paid_at = datetime(2026, 11, 17, 0, 30, tzinfo=SHANGHAI)  # still the 16th in UTC
    order.save(update_fields=["paid_at"])
    chart = json.loads(owner.get("/admin/").context["trade_chart"])
    by_day = dict(zip(chart["labels"], chart["datasets"][0]["data"], strict=True))
    assert len(by_day) == 30
    assert {day: yuan for day, yuan in by_day.items() if yuan} == {"11-17": 100.0}


def test_what_waits_for_staff_is_counted_and_leads_to_its_list(owner: Client, known_rows: Member) -> None:
    Stock.objects.filter(sku__price_cents=7700).update(available=9)
    Stock.objects.exclude(sku__price_cents=7700).update(available=10)
    todos = {todo["title"]: (todo["count"], todo["url"]) for todo in owner.get("/admin/").context["todos"]}
    assert {title: count for title, (count, _) in todos.items()} == {
        "待发货订单": "1",
        "待付款订单": "1",
        "库存不足 10 件": "1",
    }
    for title, (count, url) in todos.items():
        assert owner.get(url).context["cl"].result_count == int(count), title


def test_best_sellers_stand_by_the_cash_they_took(owner: Client) -> None:
    member = a_buyer()
    tea, cake = a_sku(name="茶", price_cents=20000), a_sku(name="糕", price_cents=12000)
    for order in (a_paid_order(member, (tea, 1)), a_paid_order(member, (cake, 2))):
        moved(order, days=1)
    rows = owner.get("/admin/").context["best_sellers"]["rows"]
    assert rows == [["糕", "2", "¥240.00"], ["茶", "1", "¥200.00"]]


def test_best_sellers_are_net_of_what_came_back(owner: Client) -> None:
    member = a_buyer()
    tea, cake = a_sku(name="茶", price_cents=20000), a_sku(name="糕", price_cents=12000)
    box = a_sku(name="礼盒", price_cents=30000)
    Sku.objects.filter(pk=box.pk).update(product=cake.product)
    kept, returned = a_paid_order(member, (tea, 1), (cake, 2), (box, 1)), a_paid_order(member, (tea, 1))
    refund_one(kept, sku=cake)
    refund_one(returned, sku=tea)
    for order in (kept, returned):
        moved(order, days=1)
    rows = owner.get("/admin/").context["best_sellers"]["rows"]
    assert rows == [["糕", "2", "¥420.00"], ["茶", "1", "¥200.00"]]


def test_an_empty_shop_is_told_what_to_do(owner: Client) -> None:
    page = owner.get("/admin/").content.decode()
    for sentence in ("近 30 天还没有成交", "近 14 天没有积分变动", "所选周期还没有成交", "还没有会员"):
        assert sentence in page


def shown_parts(response: Any) -> set[str]:
    names = {"cards", "todos", "trade_chart", "points_chart", "tier_chart", "best_sellers"}
    return {name for name in names if name in response.context}


@pytest.mark.parametrize(
    ("rights", "titles", "parts"),
    [
        ([], [], set()),
        (["mall.view_order"], ["成交额", "成交订单"], {"cards", "todos", "trade_chart", "best_sellers"}),
        (["members.view_member"], ["新增会员"], {"cards", "tier_chart"}),
        (["points.view_entry"], ["发放积分", "消耗积分", "未兑付积分"], {"cards", "points_chart"}),
        (["mall.view_stock"], [], {"todos"}),
    ],
)
def test_staff_see_only_the_cards_of_their_rights(
    staff_with: ClientWith, rights: list[str], titles: list[str], parts: set[str]
) -> None:
    response = staff_with(*rights).get("/admin/")
    assert response.status_code == 200
    assert [card["title"] for card in response.context.get("cards", [])] == titles
    assert shown_parts(response) == parts


def test_staff_without_any_right_are_told_whom_to_ask(staff_with: ClientWith) -> None:
    assert "请联系店主开通权限" in staff_with().get("/admin/").content.decode()


def test_the_dashboard_costs_the_same_whatever_the_number_of_orders(
    owner: Client, django_assert_max_num_queries: Any
) -> None:
    member = a_buyer()
    for _ in range(3):
        a_paid_order(member, (a_sku(), 1))
    give_points(member, 10)
    owner.get("/admin/")
    with django_assert_max_num_queries(28):
        owner.get("/admin/")
