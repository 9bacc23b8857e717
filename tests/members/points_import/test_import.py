"""The command: dry run, commit, report, repeat."""

import csv
import io
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from config.core.time import SHANGHAI
from config.outbox.models import Message
from members.models import Member, PointsNote
from members.selectors.statement import statement
from members.services.merging import merge_members
from members.services.points_import import loading, sheets
from members.services.points_import.files import look_at
from members.services.registration import register_by_phone
from points import ledger
from points.models import Entry
from tests.members.factories import a_member
from tests.members.points_import.workbooks import (
    BUILT_IN_DATE,
    OWN_DATE,
    OWN_NUMBER,
    day,
    number,
    shared,
    text,
    workbook,
)

pytestmark = pytest.mark.django_db(transaction=True)
HEADING = "手机号,积分,到期,备注"


def write(path: Path, *lines: str, encoding: str = "utf-8") -> Path:
    path.write_bytes("\n".join([HEADING, *lines, ""]).encode(encoding))
    return path


def run(path: Path, *options: str) -> str:
    out = io.StringIO()
    call_command(
        "import_points", str(path), "--rejects", str(path.parent / "r.csv"), *options, stdout=out, stderr=io.StringIO()
    )
    return out.getvalue()


def rejects(path: Path) -> list[tuple[str, str]]:
    """Line and reason of every row in the report."""
    with (path.parent / "r.csv").open(encoding="utf-8-sig", newline="") as report:
        return [(row["行号"], row["原因"]) for row in csv.DictReader(report)]


def spendable(phone: str) -> int:
    account = Member.objects.get(phone_last4=phone[-4:]).points_account_id
    return ledger.balance(account=account, at=timezone.now()).spendable


@pytest.fixture
def members() -> list[Member]:
    return [a_member(phone=f"1380000000{number}") for number in (1, 2)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Three rows for two members, one of nobody, one without sense."""
    return write(
        tmp_path / "old.csv",
        "13800000001,100,2199-06-30,老店",
        "13800000001,20,,",
        "",
        '13800000002,"1,000",长期,"=cmd|calc"',
        "13900000009,5,,",
        'abc,5,,\'=HYPERLINK("http://x")',
    )


def test_a_dry_run_reports_and_writes_nothing(members: list[Member], path: Path) -> None:
    printed = run(path)
    assert "文件：5 行 = 可导入 3 + 未导入 2" in printed
    assert "可导入：1,120 积分 · 2 位会员" in printed
    assert "1 个手机号还不是会员；加 --create-members 可为它们新建会员" in printed
    assert "试运行：没有写入数据库" in printed
    assert rejects(path) == [("7", "手机号无效"), ("6", "没有这个手机号的会员")]
    assert (Entry.objects.count(), PointsNote.objects.count(), Member.objects.count()) == (0, 0, 2)


@pytest.mark.parametrize(("options", "doing"), [((), "核对"), (("--commit",), "导入")])
def test_a_bar_on_standard_error_counts_every_row(
    members: list[Member], path: Path, options: tuple[str, ...], doing: str
) -> None:
    shown = io.StringIO()
    report = str(path.parent / "r.csv")
    call_command("import_points", str(path), "--rejects", report, *options, stdout=io.StringIO(), stderr=shown)
    last = shown.getvalue().rstrip("\n").split("\r")[-1]
    assert last.startswith(f"{doing}: 100%")
    assert "5/5" in last


def test_a_commit_books_each_row_with_its_expiry_and_note(members: list[Member], path: Path) -> None:
    printed = run(path, "--commit")
    assert "本次写入：3 行 · 1,120 积分" in printed
    first, second = members
    assert (spendable("13800000001"), spendable("13800000002")) == (120, 1000)
    lapsing = ledger.balance(account=first.points_account_id, at=timezone.now()).lapsing
    assert [points for _, points in lapsing] == [20, 100]
    assert lapsing[1][0] == datetime(2199, 7, 1, tzinfo=SHANGHAI)
    assert ledger.balance(account=second.points_account_id, at=timezone.now()).lapsing == []
    rows = statement(account=first.points_account_id).rows
    assert [row.title for row in rows] == ["旧系统积分转入"] * 2
    notes = PointsNote.objects.order_by("entry_id").values_list("member_id", "text", "operator_id")
    assert list(notes) == [(first.pk, "老店", None), (second.pk, "=cmd|calc", None)]
    assert ledger.audit() == []


def test_the_same_file_again_books_nothing_under_whatever_name(
    members: list[Member], path: Path, tmp_path: Path
) -> None:
    run(path, "--commit")
    copy = tmp_path / "copy.csv"
    copy.write_bytes(path.read_bytes())
    printed = run(copy, "--commit")
    assert "此前已写入：3 行 · 1,120 积分" in printed
    assert "本次写入：0 行 · 0 积分" in printed
    assert Entry.objects.count() == 3
    assert "此前已写入：3 行" in run(copy)


def test_a_line_that_stands_twice_counts_twice(members: list[Member], tmp_path: Path) -> None:
    run(write(tmp_path / "a.csv", "13800000001,5,,", "13800000001,5,,"), "--commit")
    assert spendable("13800000001") == 10


def test_unknown_phones_become_members_known_to_the_till_alone(members: list[Member], path: Path) -> None:
    assert "1 个手机号还不是会员；会为它们新建会员" in run(path, "--create-members")
    assert Member.objects.count() == 2
    printed = run(path, "--commit", "--create-members")
    assert "本次写入：4 行 · 1,125 积分 · 新建会员 1" in printed
    made = Member.objects.get(phone_last4="0009")
    assert (made.channel, made.user_id, made.tier.code, made.phone_last4) == ("import", None, "bronze", "0009")
    assert not Message.objects.filter(payload__member_id=made.pk).exists()
    with transaction.atomic():
        assert register_by_phone(phone="13900000009", channel="h5", at=timezone.now()) == (made.pk, False)
    assert spendable("13900000009") == 5


def test_the_mended_report_is_imported_as_it_is(members: list[Member], path: Path, tmp_path: Path) -> None:
    run(path, "--commit")
    report = (tmp_path / "r.csv").read_text(encoding="utf-8-sig")
    assert "'=HYPERLINK" in report
    assert (tmp_path / "r.csv").stat().st_mode & 0o077 == 0
    mended = tmp_path / "mended.csv"
    mended.write_text(report.replace("abc", "'+8613800000002").replace("13900000009", "13800000001"), encoding="utf-8")
    assert "本次写入：2 行 · 10 积分" in run(mended, "--commit")
    assert spendable("13800000002") == 1005
    assert PointsNote.objects.latest("pk").text == '=HYPERLINK("http://x")'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_chinese_is_read_in_whatever_encoding_excel_wrote_it(
    members: list[Member], tmp_path: Path, encoding: str
) -> None:
    run(write(tmp_path / "a.csv", "13800000001,5,,老店转入", encoding=encoding), "--commit")
    assert PointsNote.objects.get().text == "老店转入"


@pytest.mark.parametrize("delimiter", ["\t", ";"])
def test_other_delimiters_are_seen_by_the_heading(members: list[Member], tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"{HEADING}\n13800000001,5,,好".replace(",", delimiter), encoding="utf-8")
    run(path, "--commit")
    assert spendable("13800000001") == 5


def test_a_workbook_is_read_as_excel_shows_it(members: list[Member], tmp_path: Path) -> None:
    rows = [
        [],
        [shared(0), shared(1), text("到期"), text("备注")],
        [number("13800000001"), number("100"), day(date(2199, 6, 30)), shared(2)],
        [number("1.3800000001E10"), number("2E1"), day(date(2199, 6, 30), OWN_DATE), text("")],
        [text("138 0000 0002"), number("7", OWN_NUMBER), text("长期"), text("x")],
        [],
        [number("13800000002"), number("1.5"), text("")],
        ["<c r='A9' t='inlineStr'><is><t>13800000002</t></is></c>", "<c r='B9'><v>3</v></c>", "<c r='D9'/>"],
    ]
    strings = [
        "<t>手机号</t>",
        "<r><t>积</t></r><r><t>分</t></r><rPh sb='0' eb='1'><t>ジー</t></rPh>",
        "<t xml:space='preserve'>老店</t>",
    ]
    path = workbook(tmp_path / "a.xlsx", rows, strings=strings)
    printed = run(path, "--commit")
    assert "文件：5 行 = 可导入 4 + 未导入 1" in printed
    assert rejects(path) == [("7", "积分不是整数")]
    assert (spendable("13800000001"), spendable("13800000002")) == (120, 10)
    lapsing = ledger.balance(account=members[0].points_account_id, at=timezone.now()).lapsing
    assert lapsing == [(datetime(2199, 7, 1, tzinfo=SHANGHAI), 120)]


def test_a_workbook_of_a_mac_counts_its_days_from_1904(members: list[Member], tmp_path: Path) -> None:
    rows = [
        [text("手机号"), text("积分"), text("到期")],
        [number("13800000001"), number("5"), day(date(2100, 1, 31), BUILT_IN_DATE, epoch=date(1904, 1, 1))],
    ]
    run(workbook(tmp_path / "a.xlsx", rows, is_1904=True), "--commit")
    lapsing = ledger.balance(account=members[0].points_account_id, at=timezone.now()).lapsing
    assert lapsing == [(datetime(2100, 2, 1, tzinfo=SHANGHAI), 5)]


BAD_FILES: list[tuple[str, bytes, str]] = [
    ("gone.csv", b"", "找不到文件"),
    ("a.csv", b"\xff\xff\xff\xff", "无法识别文件编码"),
    ("a.csv", b"a\0b", "无法识别文件编码，"),
    ("a.csv", "电话号,分数\n1,2".encode(), "第一行应为表头"),
    ("a.csv", b"\n\n", "文件是空的"),
    ("a.csv", f'{HEADING}\n13800000001,"{"红" * 140_000}'.encode(), "第 2 行附近无法按 CSV 解析"),
    ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "旧版或加密的 Excel"),
    ("a.xlsx", b"PK\x03\x04broken", "Excel 文件已损坏"),
]


@pytest.mark.parametrize(("name", "content", "sentence"), BAD_FILES, ids=[sentence for _, _, sentence in BAD_FILES])
def test_a_file_that_is_none_is_refused_in_a_sentence(tmp_path: Path, name: str, content: bytes, sentence: str) -> None:
    if content:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(CommandError, match=sentence):
        run(tmp_path / name, "--commit")


def test_a_workbook_with_entities_or_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [[text("手机号"), text("积分")], [text("13800000001"), text("5")]]
    bomb = workbook(tmp_path / "bomb.xlsx", rows, prolog='<!DOCTYPE x [<!ENTITY a "b">]>')
    with pytest.raises(CommandError, match="Excel 文件已损坏"):
        run(bomb)
    monkeypatch.setattr(sheets, "_LARGEST", 50)
    with pytest.raises(CommandError, match="解压后超过 1 GB"):
        run(workbook(tmp_path / "large.xlsx", rows))
    monkeypatch.undo()
    lost = workbook(tmp_path / "lost.xlsx", [[shared(7), text("积分")]])
    with pytest.raises(CommandError, match="Excel 文件已损坏"):
        run(lost)


def test_a_workbook_whose_sheet_was_damaged_on_its_way_is_refused(tmp_path: Path) -> None:
    rows = [[text("手机号"), text("积分")], *([text("13800000001"), text(str(place))] for place in range(50))]
    whole = workbook(tmp_path / "whole.xlsx", rows).read_bytes()
    with ZipFile(tmp_path / "whole.xlsx") as parts:
        sheet = parts.getinfo("xl/worksheets/sheet1.xml")
    start = sheet.header_offset + 30 + len(sheet.filename)
    for place in (0, sheet.compress_size // 2):  # nothing unpacks; it unpacks into something else
        damaged = bytearray(whole)
        damaged[start + place] ^= 0xFF
        (tmp_path / "damaged.xlsx").write_bytes(damaged)
        with pytest.raises(CommandError, match="Excel 文件已损坏"):
            run(tmp_path / "damaged.xlsx")


def test_the_report_is_never_written_over_the_file(path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(CommandError, match="报告不能写在要导入的文件上"):
        run(path, "--rejects", str(path))
    with pytest.raises(CommandError, match="无法写入报告"):
        run(path, "--rejects", str(path / "r.csv"))
    assert path.read_bytes() == before


def test_two_imports_of_one_file_at_once(path: Path, members: list[Member]) -> None:
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            digest = look_at(path).digest
            cursor.execute("SELECT pg_advisory_lock(hashtextextended('members.points_import:' || %s, 0))", [digest])
        with pytest.raises(CommandError, match="这份文件正在导入中"):
            run(path, "--commit")
    finally:
        other.close()


def test_a_merged_member_gets_nothing_twice_and_a_closed_one_nothing(members: list[Member], path: Path) -> None:
    run(path, "--commit")
    first, second = members
    with transaction.atomic():
        merge_members(source_id=first.pk, target_id=second.pk, at=timezone.now())
    assert "此前已写入：3 行 · 1,120 积分" in run(path, "--commit")
    assert spendable("13800000002") == 1120
    Member.objects.filter(pk=second.pk).update(status="closed")
    run(write(path.parent / "b.csv", "13800000001,5,,", "13800000002,6,,"), "--commit")
    assert [reason for _, reason in rejects(path)] == ["会员已注销", "会员已注销"]
    assert ledger.audit() == []


def test_chunks_cost_the_same_queries_whatever_they_hold(
    members: list[Member], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    small = write(tmp_path / "a.csv", "13800000001,5,,x")
    large = write(tmp_path / "b.csv", *(f"1380000000{1 + n % 2},5,,x{n}" for n in range(900)))
    run(small, "--commit")
    monkeypatch.setattr(loading, "_DIGITS", 31)
    with django_assert_num_queries(8):
        run(small, "--commit")
    with django_assert_num_queries(8):
        run(large, "--commit")
    assert spendable("13800000001") == 10 + 450 * 5
