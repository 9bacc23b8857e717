"""Whatever can't be imported is answered by one Chinese sentence, and nothing is written."""

import gzip
import time
from pathlib import Path

import pytest
from django.core.management.base import CommandError
from django.db import connection

from campaigns.services import history
from config.outbox.models import Delivery
from mall.models import Order
from mall.services.history import turns
from tests.history.books import balances, checksums, run
from tests.history.files import HEADER, ODD_LINES, odd_file, write

pytestmark = pytest.mark.django_db

LINE = "I1,A1,红灯笼,10,2024-01-02 09:00:00,60.00,100,CN\n"


def refusal(path: object, *options: str, source: str = "online-retail") -> str:
    """The sentence that the command answers with; the database is as it was."""
    before = checksums()
    with pytest.raises(CommandError) as error:
        run(path, *options, source=source)
    assert checksums() == before
    assert error.value.returncode == 1
    return str(error.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.csv") == f"找不到文件 {tmp_path / 'none.csv'}"


def test_a_folder(tmp_path: Path) -> None:
    assert refusal(tmp_path) == f"无法读取文件 {tmp_path}"


def test_an_empty_file(tmp_path: Path) -> None:
    assert refusal(write(tmp_path / "a.csv", "", header="")) == "文件是空的，第一行应为列名"


def test_a_header_alone(tmp_path: Path) -> None:
    assert refusal(write(tmp_path / "a.csv", "")) == "文件里没有可导入的订单"


def test_only_bad_lines(tmp_path: Path) -> None:
    assert refusal(write(tmp_path / "a.csv", "I1,A1\n")) == "文件里没有可导入的订单"


def test_missing_columns(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", LINE, header="InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice")
    assert refusal(path) == "文件缺少这些列：CustomerID、Country"


def test_columns_in_another_order(tmp_path: Path) -> None:
    names = HEADER.split(",")
    path = write(tmp_path / "a.csv", LINE, header=",".join(reversed(names)))
    assert refusal(path) == f"列名和顺序应为：{'、'.join(names)}"


def test_a_file_in_gbk(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"{HEADER}\n{LINE}", encoding="gbk")
    assert refusal(path) == "文件不是 UTF-8 编码，请另存为 UTF-8 的 CSV 后再导入"


def test_a_name_that_promises_gzip(tmp_path: Path) -> None:
    assert refusal(write(tmp_path / "a.csv.gz", LINE)) == "文件名以 .gz 结尾，内容却不是 gzip 格式"


def test_a_gzip_that_was_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(f"{HEADER}\n{LINE * 50}".encode())[:-12])
    assert refusal(path) == "压缩文件已损坏或不完整"


def test_a_quote_that_never_ends(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", f'I1,A1,"{"红" * 140_000}')
    assert refusal(path) == "第 2 行附近无法按 CSV 解析，请检查引号是否成对"


@pytest.mark.parametrize("shift", ["-1", "x", "1.5", "１", "1234567", ""])
def test_a_shift_that_is_no_number_of_weeks(tmp_path: Path, shift: str) -> None:
    assert refusal(odd_file(tmp_path), f"--shift={shift}") == "--shift 应为 0 或正整数周数，或 auto"


@pytest.mark.parametrize("weeks", [5000, 999_999])
def test_a_shift_into_the_future(tmp_path: Path, weeks: int) -> None:
    assert refusal(odd_file(tmp_path), "--shift", str(weeks)) == f"移动 {weeks} 周后，日期会早于 1970 年或晚于现在"


def test_a_history_from_before_there_were_tills(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", LINE.replace("2024", "0024"))
    assert refusal(path, "--shift", "0") == "移动 0 周后，日期会早于 1970 年或晚于现在"


def test_a_report_that_can_not_be_written(tmp_path: Path) -> None:
    target = odd_file(tmp_path) / "rejects.csv"
    assert refusal(odd_file(tmp_path), "--rejects", str(target)) == f"无法写入报告 {target}"


@pytest.mark.parametrize("source", ["Till", "a" * 16, "-a", "店"])
def test_a_source_that_is_no_name(tmp_path: Path, source: str) -> None:
    assert refusal(odd_file(tmp_path), source=source) == "--source 应为 1–15 个小写字母、数字或连字符"


def test_another_file_under_the_same_source(tmp_path: Path) -> None:
    report = ("--rejects", str(tmp_path / "r.csv"))
    run(odd_file(tmp_path), *report, "--shift", "0")
    changed = write(tmp_path / "b.csv", ODD_LINES.replace("10:59:00,1.335", "10:59:00,1.50"))
    assert refusal(changed, *report).startswith("来源 online-retail 此前导入的单据 I2 与这份文件不符")
    lacking = write(tmp_path / "c.csv", ODD_LINES.replace("I6,A3", "I66,A3"))
    assert refusal(lacking, *report).startswith("来源 online-retail 此前导入的单据 I6 与这份文件不符")
    run(changed, *report, "--shift", "0", source="other")
    assert Order.objects.filter(source="other").count() == 9


def test_other_options_than_the_import_began_with(tmp_path: Path) -> None:
    report = ("--rejects", str(tmp_path / "r.csv"))
    run(odd_file(tmp_path), *report, "--shift", "3")
    assert refusal(odd_file(tmp_path), *report, "--shift", "4") == "此前的导入用的是 --shift 3，不能改为 4"
    assert (
        refusal(odd_file(tmp_path), *report, "--campaigns", "base")
        == "此前的导入用的是 --campaigns presets，不能改为 base"
    )


def test_two_imports_of_one_source_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtextextended('mall.history:online-retail', 0))")
        monkeypatch.setattr(turns, "_PATIENCE_SECONDS", 0)
        assert refusal(odd_file(tmp_path)) == "来源 online-retail 正在导入中，请等它结束"
        run(odd_file(tmp_path), "--rejects", str(tmp_path / "r.csv"), source="other")
    finally:
        other.close()


def test_a_giving_that_fails_stops_the_import_until_it_is_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = ("--rejects", str(tmp_path / "r.csv"), "--shift", "0")

    def broken(**_: object) -> None:
        raise RuntimeError("no giving today")

    with monkeypatch.context() as patch:
        patch.setattr(history.bulk, "grant_orders", broken)
        with pytest.raises(CommandError, match="来源 online-retail 的积分发放出错"):
            run(odd_file(tmp_path), *report)
    assert Order.objects.count() == 2  # the first wave waits for its points; no later one was begun
    with pytest.raises(CommandError, match="来源 online-retail 的积分发放出错"):
        run(odd_file(tmp_path), *report)
    Delivery.objects.update(retry_at=None)
    run(odd_file(tmp_path), *report)
    assert balances() == {
        "100": (3330, 0, 2501, "silver"),
        "200": (1100, 0, 500, "bronze"),
        "300": (0, 0, 0, "bronze"),
    }


def test_a_worker_that_is_quicker_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker has each line for a while: no wave is recorded before its predecessor's points are given."""
    deliver, busy = turns.deliveries.deliver, []

    def sometimes_busy(**asked: object) -> object:
        busy.append(time.monotonic())
        if len(busy) % 3:
            return turns.deliveries.DeliveryReport(delivered=0, failed=0)
        return deliver(**asked)  # type: ignore[arg-type]

    monkeypatch.setattr(turns.deliveries, "deliver", sometimes_busy)
    run(odd_file(tmp_path), "--rejects", str(tmp_path / "r.csv"), "--shift", "0")
    assert balances()["100"] == (3330, 0, 2501, "silver")
    assert len(busy) % 3 == 0
