"""Finance's months in the back office: for owner and finance, tied to the lists behind each figure, and as files."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from html import unescape
from typing import Any
from xml.etree import ElementTree

import pytest
import time_machine
from django.db.models import Sum
from django.test import Client, override_settings
from django.urls import reverse

from config import navigation
from config.core.time import SHANGHAI, day_start
from config.core.workbook import Sheet, workbook
from members.admin.roles import offered_permissions
from members.rules.points_worth import cents_of
from points import ledger
from points.models import Entry, Kind
from points.services import day_totals
from tests.admin.conftest import ClientWith
from tests.admin.test_every_page import english
from tests.points.recorded import recorded

PAGE = "/admin/finance/months/"
NOW = datetime(2026, 2, 10, 15, 0, tzinfo=SHANGHAI)
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def history() -> None:
    """December 1,000 earned; January 300 spent, 50 of it back, 20 taken back, 7 given and 4 taken by hand; then 9."""
    account, owing = ledger.open_accounts(asset="points", count=2)
    december, january = day_start(date(2025, 12, 30)), day_start(date(2026, 1, 15))
    with recorded(december):
        ledger.earn(account=account, points=1000, key="a", source="order:1", at=december)
        first = ledger.earn(account=owing, points=25, key="a", source="order:2", at=december)
        ledger.spend(account=owing, points=25, key="b", source="order:3", at=december)
    with recorded(january):
        spent = ledger.spend(account=account, points=300, key="b", source="order:4", at=january)
        ledger.reverse(entry=spent.id, key="c", at=january, points=50)
        ledger.adjust(account=account, points=7, key="d", at=january, operator="staff:1", reason="r")
        ledger.adjust(account=account, points=-4, key="e", at=january, operator="staff:1", reason="r")
        ledger.hold(account=account, points=100, key="h", source="order:5", until=january, at=january)
        ledger.reverse(entry=first.id, key="taken", at=january, points=20)
    with recorded(day_start(date(2026, 2, 1))):
        ledger.earn(account=account, points=9, key="f", source="order:6", at=january)


def figures(response: Any) -> dict[str, dict[str, tuple[int, int]]]:
    """Month -> title -> (points, cents)."""
    report = response.context["report"]
    rows = [*report.rows, report.together]
    return {row.name: {one.title: (one.points, one.cents) for one in row.figures if one.points} for row in rows}


def test_a_stranger_logs_in_and_staff_without_the_right_are_refused(staff_with: ClientWith) -> None:
    for url in (PAGE, "/admin/finance/months.csv", "/admin/finance/months.xlsx"):
        assert Client().get(url).url == f"{reverse('admin:login')}?next={url}"
        assert staff_with("points.view_entry", "points.view_account", "members.view_member").get(url).status_code == 403
        assert staff_with("points.view_finance_report").get(url).status_code == 200
    assert staff_with("points.view_finance_report").post(PAGE).status_code == 405
    assert staff_with("points.view_finance_report").get("/admin/finance/months.pdf").status_code == 404


def test_the_right_is_offered_to_roles_and_opens_the_sidebar(staff_with: ClientWith) -> None:
    assert "points.view_finance_report" in {key for names in offered_permissions().values() for key in names}
    request = staff_with("points.view_finance_report").get(PAGE).wsgi_request
    links = [item["link"] for group in navigation.sidebar(request) for item in group["items"]]
    assert links == ["/admin/", PAGE]
    other = staff_with("points.view_entry").get("/admin/").wsgi_request
    assert PAGE not in [item["link"] for group in navigation.sidebar(other) for item in group["items"]]


def test_the_page_shows_each_month_of_the_year_in_points_and_yuan(owner: Client, history: None) -> None:
    moved = {"退还": (50, 50), "调增": (7, 7), "消耗": (-300, -300), "调减": (-4, -4)}
    owed = {"冻结": (100, 100), "欠分": (20, 20)}
    january = {"期初未兑付": (1000, 1000), "期末未兑付": (753, 753), "可用": (653, 653)}
    february = {"期初未兑付": (753, 753), "发放": (9, 9), "期末未兑付": (762, 762), "可用": (662, 662)}
    for _ in range(2):
        response = owner.get(PAGE)
        assert figures(response) == {
            "2026-01": january | moved | owed,
            "2026-02": february | owed,
            "2026 年": february | moved | owed | {"期初未兑付": (1000, 1000)},
        }
        day_totals.close_days(at=NOW, limit=100)
        day_totals.check_totals(at=NOW)
    shown = "期初未兑付 发放 退还 调增 消耗 过期 扣回 调减 期末未兑付 可用 冻结 欠分"
    assert response.context["columns"] == shown.split()
    assert [row.is_closed for row in response.context["report"].rows] == [True, False]
    assert "与流水逐笔核对一致" in owner.get(PAGE).content.decode()


def test_the_year_is_chosen_and_anything_else_is_the_latest(owner: Client, history: None) -> None:
    assert list(figures(owner.get(PAGE, {"year": "2025"}))) == ["2025-12", "2025 年"]
    assert list(figures(owner.get(PAGE, {"year": "all"}))) == ["2025-12", "2026-01", "2026-02", "合计"]
    for nonsense in ("1999", "2026'", "", "\0"):
        assert list(figures(owner.get(PAGE, {"year": nonsense}))) == ["2026-01", "2026-02", "2026 年"]


def test_every_figure_leads_to_the_entries_that_add_up_to_it(owner: Client, history: None) -> None:
    report = owner.get(PAGE, {"year": "all"}).context["report"]
    listed = 0
    for figure in [one for row in [*report.rows, report.together] for one in row.movements]:
        response = owner.get(figure.url)
        entries = response.context["cl"].queryset
        sums = entries.aggregate(**{bucket: Sum(bucket, default=0) for bucket in ("spendable", "pending", "held")})
        assert sum(sums.values()) == figure.points, figure.title
        listed += entries.count()
    shown = Entry.objects.exclude(kind__in=[Kind.HOLD, Kind.RELEASE, Kind.CONFIRM]).count()
    assert listed == 2 * shown == 18


def test_figures_lead_nowhere_for_staff_who_may_not_see_entries(staff_with: ClientWith, history: None) -> None:
    html = staff_with("points.view_finance_report").get(PAGE).content.decode()
    assert "kind__in" not in html
    assert "−300" in html


def test_yuan_are_rounded_half_up_at_the_shops_rate(owner: Client, history: None) -> None:
    with override_settings(POLICIES={"points_per_yuan": 8}):
        response = owner.get(PAGE)
    assert figures(response)["2026-02"]["发放"] == (9, 113)  # 112.5 cents
    assert "8 积分 = 1 元" in response.content.decode()
    assert [cents_of(points=points, per_yuan=8) for points in (1, -1, 3, -9, 0)] == [13, -13, 38, -113, 0]
    assert cents_of(points=10**15 + 1, per_yuan=3) == 33_333_333_333_333_367


def test_the_csv_says_what_the_page_says(owner: Client, history: None) -> None:
    response = owner.get("/admin/finance/months.csv", {"year": "2026"})
    assert response["Content-Disposition"] == 'attachment; filename="points-2026-20260210.csv"'
    assert response.content.startswith(b"\xef\xbb\xbf")
    lines = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert [line["月份"] for line in lines] == ["2026-01", "2026-02", "2026 年"]
    assert {
        key: lines[0][key] for key in ("状态", "消耗（积分）", "消耗（元）", "期末未兑付（积分）", "合并（积分）")
    } == {
        "状态": "未结",
        "消耗（积分）": "-300",
        "消耗（元）": "-3.00",
        "期末未兑付（积分）": "753",
        "合并（积分）": "0",
    }
    assert (lines[0]["积分/元"], lines[0]["导出时间"]) == ("100", "2026-02-10 15:00")


def cells(content: bytes, sheet: int = 1) -> list[list[tuple[str, str]]]:
    """(type, value) of every cell of a sheet."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        for name in archive.namelist():
            ElementTree.fromstring(archive.read(name))
        root = ElementTree.fromstring(archive.read(f"xl/worksheets/sheet{sheet}.xml"))
    return [
        [(cell.get("t", "n"), "".join(cell.itertext())) for cell in row.iter(f"{_MAIN}c")]
        for row in root.iter(f"{_MAIN}row")
    ]


def test_the_workbook_has_numbers_as_numbers_and_the_words_beside(owner: Client, history: None) -> None:
    response = owner.get("/admin/finance/months.xlsx", {"year": "all"})
    assert response["Content-Type"].endswith("spreadsheetml.sheet")
    head, *lines = cells(response.content)
    spent = [title for _, title in head].index("消耗（积分）")
    worth = [title for _, title in head].index("消耗（元）")
    assert [(line[0], line[spent], line[worth]) for line in lines] == [
        (("inlineStr", "2025-12"), ("n", "-25"), ("n", "-0.25")),
        (("inlineStr", "2026-01"), ("n", "-300"), ("n", "-3.00")),
        (("inlineStr", "2026-02"), ("n", "0"), ("n", "0.00")),
        (("inlineStr", "合计"), ("n", "-325"), ("n", "-3.25")),
    ]
    assert ("inlineStr", "折算比例：100 积分 = 1 元（导出时的比例）") in [row[0] for row in cells(response.content, 2)]


def test_text_in_a_workbook_is_never_a_formula_and_always_xml() -> None:
    rows = [["=1+1", '<b>&"\x01'], [None, 5]]
    file = workbook([Sheet(title='a"<b>', rows=rows)])
    assert cells(file) == [[("inlineStr", "=1+1"), ("inlineStr", '<b>&"')], [("n", ""), ("n", "5")]]
    assert b"<f>" not in zipfile.ZipFile(io.BytesIO(file)).read("xl/worksheets/sheet1.xml")


def test_an_empty_shop_is_told_what_will_stand_here(owner: Client) -> None:
    html = owner.get(PAGE).content.decode()
    assert "还没有积分流水" in html
    assert "导出" not in html
    for kind in ("csv", "xlsx"):
        assert owner.get(f"/admin/finance/months.{kind}").status_code == 200


def test_a_shop_whose_past_is_not_summed_yet_is_told_so(owner: Client, history: None) -> None:
    with time_machine.travel(NOW + timedelta(days=80), tick=False):
        assert "历史流水正在汇总" in owner.get(PAGE).content.decode()
        day_totals.close_days(at=NOW, limit=5)
        html = owner.get(PAGE).content.decode()
    assert "暂时只到已经汇总的日子" in html
    assert "2026-01" in html


def test_a_difference_alarms(owner: Client, history: None) -> None:
    day_totals.close_days(at=NOW, limit=100)
    day_totals.ClosedDay.objects.filter(entries=6).update(entries=5)
    day_totals.check_totals(at=NOW)
    assert "有 1 项不一致，请通知技术人员" in owner.get(PAGE).content.decode()


def test_the_page_is_chinese_and_takes_few_queries(
    owner: Client, history: None, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(16):
        html = owner.get(PAGE).content.decode()
    assert [word for word in english(html) if word not in {"Excel", "CSV"}] == []
    assert re.search(r'href="([^"]+kind__in=spend[^"]*|[^"]+kind__in=capture[^"]*)"', unescape(html))
