"""A small till's history, to the cent and to the point."""

import csv
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from campaigns.models import Receipt
from config.core.time import SHANGHAI
from mall.models import Order, Product, Refund
from members.models import Member
from points import ledger
from tests.history.books import balances, checksums, climbs, orders, refunds, run
from tests.history.files import ODD_LINES, REJECTS, odd_file, plain_file, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def till(tmp_path: Path) -> Callable[..., Path]:
    """Imports the odd file; says where the rejects are."""

    def imported(*options: str, source: str = "online-retail") -> Path:
        report = tmp_path / "rejects.csv"
        run(odd_file(tmp_path), "--rejects", str(report), *options, source=source)
        return report

    return imported


def shanghai(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=SHANGHAI)  # type: ignore[arg-type]


def test_purchases_become_orders_that_earn_by_the_presets_and_the_tier_of_the_day(till: Callable[..., Path]) -> None:
    till("--shift", "0")
    assert orders() == {
        "I1": (60000, 33995, "bronze", 700, 600),  # 600 + 100
        "I2": (50406, 50405, "bronze", 604, 504),  # 504.06 + 100
        "I3": (10000, 6000, "silver", 240, 100),  # 100 × 1.2 × 2 (Wednesday)
        "I4": (19998, 0, "silver", 479, 199),  # 199.98 × 1.2 × 2 (the 15th)
        "I5": (399960, 199980, "silver", 4899, 3999),  # 3999.60 × 1.2 + 100
        "I6": (1000, 1000, "gold", 15, 10),
        "I7": (99, 99, "bronze", 1, 0),  # 0.99 × 2
        "I8": (6000, 0, None, 0, 0),  # a walk-in
        "I18": (50000, 0, "bronze", 1100, 500),
    }


def test_credit_notes_become_refunds_that_take_their_part_back(till: Callable[..., Path]) -> None:
    till("--shift", "0")
    assert refunds() == {
        ("C1", "I6"): (1000, 15, 10),
        ("C2", "I5"): (199980, 2449, 1999),
        ("C3", "I3"): (6000, 144, 60),  # the till's 900.00 for 15 pieces: a fifteenth of it here,
        ("C3", "I2"): (50005, 599, 499),  # all that was paid here,
        ("C3", "I1"): (33995, 396, 339),  # and the rest here
        ("C4", "I2"): (400, 4, 4),
        ("C5", "I7"): (99, 1, 0),
    }


def test_members_stand_where_their_history_led_them(till: Callable[..., Path]) -> None:
    till("--shift", "0")
    assert balances() == {
        "100": (3330, 0, 2501, "silver"),
        "200": (1100, 0, 500, "bronze"),
        "300": (0, 0, 0, "bronze"),
    }
    assert climbs() == [
        ("100", "bronze", "silver", 1104, shanghai(2024, 1, 9, 10, 59)),
        ("100", "silver", "gold", 5402, shanghai(2024, 3, 4, 10)),
        ("100", "gold", "silver", 3403, shanghai(2024, 3, 7, 10)),
    ]
    assert Member.objects.get(external_ref="100").registered_at == shanghai(2024, 1, 2, 9)
    assert Member.objects.get(external_ref="300").registered_at == shanghai(2024, 1, 4, 9)
    assert ledger.audit() == []


def test_every_line_left_out_is_reported_with_its_reason(till: Callable[..., Path]) -> None:
    with till("--shift", "0").open(encoding="utf-8-sig", newline="") as report:
        header, *rows = csv.reader(report)
    assert header == ["行号", "单据号", "原因"]
    assert [(int(line), invoice, reason) for line, invoice, reason in rows] == REJECTS


def test_it_prints_totals_that_tie_to_the_file(till: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    till("--shift", "0")
    printed = capsys.readouterr().out
    assert "文件：31 行 · 单据 27 · 会员 3" in printed
    assert "净销售：9 行 · 5914.63（¥5,914.63）" in printed
    assert "退货行：完全对应 4 · 部分对应 1 · 无法对应 2" in printed
    assert "未导入 18 行" in printed
    assert "已写入：会员订单 8 · 散客订单 1 · 退款 7" in printed


def test_an_order_stands_as_the_till_wrote_it(till: Callable[..., Path]) -> None:
    till("--shift", "0")
    order = Order.objects.get(external_ref="I2")
    at = shanghai(2024, 1, 9, 10, 59)  # the earlier of its two minutes
    assert (order.status, order.channel, order.created_at, order.paid_at, order.completed_at) == (
        "completed",
        "pos",
        at,
        at,
        at,
    )
    lines = order.lines.order_by("pk").values_list(
        "product_name", "quantity", "unit_price_cents", "paid_cents", "refunded_quantity", "refunded_cents"
    )
    # 50.005 is 50.01 a piece, but ten of them are 500.05; 3 × 1.335 = 4.005 is 4.01
    assert list(lines) == [("红灯笼", 10, 5001, 50005, 10, 50005), ("蜡烛", 3, 134, 401, 3, 400)]


def test_products_take_their_commonest_name_and_last_price_and_are_not_on_sale(till: Callable[..., Path]) -> None:
    till("--shift", "0")
    rows = Product.objects.filter(source="online-retail").order_by("external_ref")
    found = rows.values_list("external_ref", "name", "skus__price_cents", "sold_count", "is_on_sale")
    assert list(found) == [
        ("A1", "红灯笼", 50000, 25, False),
        ("A2", "蜡烛", 134, 3, False),
        ("A3", "杯子", 1000, 43, False),
        ("A9", "没买过", 100, 0, False),
    ]


def test_receipts_say_how_points_came_and_went(till: Callable[..., Path]) -> None:
    till("--shift", "0")
    bought = Receipt.objects.get(occurrence=f"order:{Order.objects.get(external_ref='I3').pk}")
    assert (bought.trigger, bought.base_cents, bought.at) == ("order_completed", 10000, shanghai(2024, 1, 10, 10))
    points = [step for step in bought.steps if step["asset"] == "points"]
    assert [step["value"] for step in points][-1] == "240"
    refund = Refund.objects.get(external_ref="C4")
    back = Receipt.objects.get(occurrence=f"refund:{refund.pk}")
    assert (back.origin.occurrence, back.points, back.growth, back.at) == (
        f"order:{refund.order_id}",
        -4,
        -4,
        shanghai(2024, 3, 9, 10),
    )
    assert [step["value"] for step in back.steps if step["asset"] == "points"] == ["-603", "-4", "-4"]


def test_with_the_base_rule_alone_an_invoice_earns_its_yuan(till: Callable[..., Path]) -> None:
    till("--shift", "0", "--campaigns", "base")
    earned = {number: row[3:] for number, row in orders().items() if row[2] is not None}
    assert earned == {number: (row[0] // 100,) * 2 for number, row in orders().items() if row[2] is not None}
    assert earned["I5"] == (3999, 3999)


def test_weekdays_stay_when_the_history_moves(till: Callable[..., Path]) -> None:
    till()
    last = Order.objects.get(external_ref="I18").paid_at
    assert last is not None
    assert timedelta(0) <= timezone.now() - last < timedelta(weeks=1)
    assert last.astimezone(SHANGHAI).isoweekday() == 3
    assert last.astimezone(SHANGHAI).hour == 10
    till("--shift", "5", source="other")
    moved = Order.objects.get(source="other", external_ref="I18").paid_at
    assert moved == shanghai(2024, 4, 24, 10)


def test_a_dry_run_writes_nothing_but_the_report(till: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    before = checksums()
    assert till("--dry-run").exists()
    assert checksums() == before
    assert "试运行：没有写入数据库" in capsys.readouterr().out


def test_a_second_run_changes_nothing(till: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    till("--shift", "0")
    before = checksums()
    till()  # asks for no shift: keeps the first one's
    assert checksums() == before
    printed = capsys.readouterr().out
    assert printed.count("日期移动 0 周 · 积分规则 presets") == 2
    assert "已写入：会员订单 0 · 散客订单 0 · 退款 0" in printed


def test_a_longer_export_of_the_same_till_adds_what_is_new(till: Callable[..., Path], tmp_path: Path) -> None:
    till("--shift", "0", "--campaigns", "base")
    known = orders()
    more = write(tmp_path / "more.csv", ODD_LINES + "I20,A2,蜡烛,1,2024-03-21 10:00:00,7.77,200,CN\n")
    run(more, "--rejects", str(tmp_path / "r.csv"))
    assert orders() == known | {"I20": (777, 0, "bronze", 7, 7)}
    assert ledger.audit() == []


def test_giving_in_waves_is_giving_one_after_the_other(tmp_path: Path) -> None:
    """Twelve customers over a year and more: judged order by order, tiers never come from a later wave."""
    run(plain_file(tmp_path, customers=12, steps=70), "--rejects", str(tmp_path / "r.csv"), "--campaigns", "base")
    found = orders()
    # customer 12 earns 921 in each of four steps and loses floor(31.50) in the fifth: 3653 in five
    assert [row[1:4] for row in climbs() if row[0] == "12"] == [
        ("bronze", "silver", 1842),
        ("silver", "gold", 5495),
        ("gold", "diamond", 20107),
    ]
    judged = [found[f"I{step}x11"][2] for step in range(70) if step % 5 != 4]
    assert judged == ["bronze"] * 2 + ["silver"] * 4 + ["gold"] * 16 + ["diamond"] * 34
    assert ledger.audit() == []
