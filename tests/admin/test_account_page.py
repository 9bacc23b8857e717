"""A member's account page: buckets, lots, holds, entries, and the balance of any past day."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from config.core.time import SHANGHAI, day_start
from members.models import Member
from members.services.growth import post_growth
from points import ledger
from tests.admin.conftest import ClientWith
from tests.admin.test_every_page import english
from tests.mall.builders import AT, a_buyer

pytestmark = pytest.mark.django_db
EVENING = datetime(2026, 11, 18, 23, 59, 59, tzinfo=SHANGHAI)


def url(member: Member) -> str:
    return reverse("admin:members_member_account", args=[member.pk])


@pytest.fixture
def member() -> Member:
    """Earned 300 at noon and 100 a second before midnight, spent 150 the next day, and holds 40 for an order."""
    member = a_buyer()
    account = member.points_account_id
    with transaction.atomic():
        ledger.earn(
            account=account,
            points=300,
            key="a",
            source="order:1",
            at=AT,
            expires_at=day_start(AT.date()) + timedelta(30),
        )
        ledger.earn(account=account, points=100, key="b", source="checkin:1", at=EVENING)
        tomorrow = AT + timedelta(days=1)
        ledger.spend(account=account, points=150, key="c", source="order:2", at=tomorrow)
        ledger.hold(
            account=account, points=40, key="d", source="order:3", until=tomorrow + timedelta(hours=1), at=tomorrow
        )
        post_growth(member_id=member.pk, points=1200, key="g", source="order:1", at=AT, cause="order:1")
    return member


@pytest.fixture
def desk(owner: Client) -> Any:
    """The owner's browser two days later."""
    with time_machine.travel(AT + timedelta(days=2), tick=False):
        yield owner


def test_buckets_lots_holds_and_entries_are_there(desk: Client, member: Member) -> None:
    context = desk.get(url(member)).context
    assert context["buckets"] == [("可用积分", "210"), ("待生效", "0"), ("冻结", "40"), ("欠分", "0")]
    lots = [(lot["title"], lot["points"], lot["remaining"], lot["used_percent"]) for lot in context["lots"]]
    assert lots == [("消费得积分", "300", "110", 63), ("每日签到", "100", "100", 0)]
    assert [str(lot["last_day"]) for lot in context["lots"]] == ["2026-12-17", "None"]
    assert [(hold["source"], hold["kind"], hold["points"], hold["is_overdue"]) for hold in context["holds"]] == [
        ("order:3", "订单", "40", True)
    ]
    assert [lot["kind"] for lot in context["lots"]] == ["订单", "签到"]
    assert [(row["title"], row["points"], row["after"]) for row in context["entries"]] == [
        ("下单使用", "-40", "210"),
        ("积分兑换", "-150", "250"),
        ("每日签到", "+100", "400"),
        ("消费得积分", "+300", "300"),
    ]


def test_the_members_own_page_names_the_same_last_day(desk: Client, member: Member) -> None:
    context = desk.get(reverse("admin:members_member_change", args=[member.pk])).context
    assert [(str(day), points) for day, points in context["lapsing"]] == [("2026-12-17", "110")]


@pytest.mark.parametrize(
    ("day", "balance"),
    [("2026-11-17", "0"), ("2026-11-18", "400"), ("2026-11-19", "210"), ("2026-11-20", "210")],
)
def test_the_balance_of_a_day_is_that_of_its_last_moment_in_shanghai(
    desk: Client, member: Member, day: str, balance: str
) -> None:
    page = desk.get(url(member), {"day": day})
    assert page.context["at_day_end"] == balance
    assert f"{day} 24:00" in page.content.decode()


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ("2026-11-21", "请选择 2000-01-01 到今天之间的日期"),
        ("1999-12-31", "请选择 2000-01-01 到今天之间的日期"),
        ("昨天", "日期格式为 2026-11-30"),
        ("2026-02-30", "日期格式为 2026-11-30"),
        ("<script>", "日期格式为 2026-11-30"),
    ],
)
def test_a_day_that_is_none_is_refused_and_the_page_stands(
    desk: Client, member: Member, day: str, sentence: str
) -> None:
    page = desk.get(url(member), {"day": day})
    assert (page.status_code, page.context["at_day_end"]) == (200, None)
    assert sentence in page.content.decode()
    assert "<script>" not in page.content.decode().partition("某一天结束")[2].partition("剩余批次")[0]


def test_entries_can_be_narrowed_and_paged(desk: Client, member: Member) -> None:
    spent = desk.get(url(member), {"type": "spent"}).context["entries"]
    assert [row["title"] for row in spent] == ["下单使用", "积分兑换"]
    with transaction.atomic():
        for number in range(40):
            ledger.earn(account=member.points_account_id, points=1, key=f"m{number}", source="x", at=AT)
    first = desk.get(url(member)).context
    assert (len(first["entries"]), first["first_url"]) == (30, "")
    second = desk.get(url(member), {"before": first["next_before"]}).context
    assert (len(second["entries"]), second["next_before"]) == (14, None)
    assert second["first_url"] == "?asset=points&type=all"


@pytest.mark.parametrize("query", [{"before": "x"}, {"before": 10**30}, {"type": "nonsense"}, {"asset": "money"}])
def test_a_query_that_means_nothing_shows_the_page(desk: Client, member: Member, query: dict[str, Any]) -> None:
    assert len(desk.get(url(member), query).context["entries"]) == 4


def test_the_growth_account_stands_beside_it(desk: Client, member: Member) -> None:
    context = desk.get(url(member), {"asset": "growth", "day": "2026-11-18"}).context
    assert context["buckets"] == [("定级成长值", "1,200"), ("累计成长值", "1,200")]
    assert context["at_day_end"] == "1,200"
    assert [row["points"] for row in context["entries"]] == ["+1,200"]


def test_the_members_page_leads_there_and_it_is_all_chinese(desk: Client, member: Member) -> None:
    change = desk.get(reverse("admin:members_member_change", args=[member.pk]))
    assert change.context["actions_detail"][0]["title"] == "积分账户"
    assert url(member) in change.content.decode()
    assert english(desk.get(url(member), {"day": "2026-11-18"}).content.decode()) == []


def test_who_may_not_see_members_sees_no_account(staff_with: ClientWith, member: Member) -> None:
    assert staff_with().get(url(member)).status_code == 403
    assert staff_with("members.view_member").get(url(member)).status_code == 200
    assert Client().get(url(member)).status_code == 302


def test_a_member_who_is_not_there_is_a_404(owner: Client, member: Member) -> None:
    assert owner.get(url(member).replace(str(member.pk), "999999")).status_code == 404


def test_the_page_costs_the_same_whatever_the_account(owner: Client, member: Member) -> None:
    quiet = a_buyer()
    with transaction.atomic():
        for number in range(150):
            ledger.earn(account=member.points_account_id, points=1, key=f"m{number}", source="x", at=AT)
    costs = []
    for one in (quiet, member):
        owner.get(url(one))
        with CaptureQueriesContext(connection) as queries:
            page = owner.get(url(one), {"day": "2026-11-18"})
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 12
    assert page.context["has_more_lots"]
