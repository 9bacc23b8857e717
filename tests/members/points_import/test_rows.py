"""What a row of a points file may say, and what is said of one that can't be read."""

from datetime import datetime

import pytest

from config.core.time import SHANGHAI
from members.rules.points_rows import BadFile, BadRow, Columns, columns_of, read_row

AT = datetime(2026, 11, 18, 12, tzinfo=SHANGHAI)
DEFAULT = datetime(2027, 12, 1, tzinfo=SHANGHAI)


def read(phone: str = "13800000001", points: str = "100", expiry: str = "", note: str = ""):
    return read_row(cells=(phone, points, expiry, note), line=2, at=AT, default_expiry=DEFAULT)


@pytest.mark.parametrize(
    "phone", ["138 0000 0001", "+86 138-0000-0001", "１３８００００００Ｏ１".replace("Ｏ", "０"), "008613800000001"]
)
def test_phones_are_read_however_they_are_written(phone: str) -> None:
    assert read(phone).phone == "13800000001"


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("100", 100),
        (" 1,200 ", 1200),
        ("100.0", 100),
        ("100.00", 100),
        ("+5", 5),
        ("１００", 100),
        (str(10**12), 10**12),
    ],
)
def test_points_are_whole_numbers(text: str, points: int) -> None:
    assert read(points=text).points == points


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "缺少积分"),
        ("0", "积分为 0"),
        ("-5", "积分为负"),
        ("1.5", "积分不是整数"),
        ("1e3", "积分不是整数"),
        ("12,00", "积分不是整数"),
        ("一百", "积分不是整数"),
        ("=1+1", "积分不是整数"),
        ("NaN", "积分不是整数"),
        (str(10**12 + 1), "积分超过 1,000,000,000,000"),
        ("9" * 30, "积分超过 1,000,000,000,000"),
        ("9" * 5000, "积分不是整数"),
    ],
)
def test_what_is_no_number_of_points_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(BadRow) as refusal:
        read(points=text)
    assert str(refusal.value) == sentence


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "缺少手机号"),
        ("1.38E+10", "手机号是科学计数法，请把这一列设为文本后重新导出"),
        ("12800000001", "手机号无效"),
        ("无", "手机号无效"),
        ("=HYPERLINK(1)", "手机号无效"),
    ],
)
def test_what_is_no_phone_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(BadRow) as refusal:
        read(phone=text)
    assert str(refusal.value) == sentence


@pytest.mark.parametrize(
    "text",
    [
        "2027-06-30",
        "2027/6/30",
        "2027.6.30",
        "2027年6月30日",
        "20270630",
        "2027-06-30 00:00:00",
        "2027-06-30T00:00:00.000",
    ],
)
def test_points_can_be_used_through_the_day_that_is_given(text: str) -> None:
    assert read(expiry=text).expires_at == datetime(2027, 7, 1, tzinfo=SHANGHAI)


def test_no_expiry_follows_the_shop_and_forever_is_said() -> None:
    assert read().expires_at == DEFAULT
    assert [read(expiry=text).expires_at for text in ("长期", "永久有效", "Never")] == [None] * 3


def test_today_is_the_last_day_that_can_be_given() -> None:
    assert read(expiry="2026-11-18").expires_at == datetime(2026, 11, 19, tzinfo=SHANGHAI)
    with pytest.raises(BadRow, match="已经过期"):
        read(expiry="2026-11-17")


@pytest.mark.parametrize("text", ["2027-02-29", "2027-13-01", "30/06/2027", "明年", "2027-06-30 08:00", "46203"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(BadRow, match="到期日无法识别"):
        read(expiry=text)


def test_a_day_beyond_all_calendars_is_refused() -> None:
    with pytest.raises(BadRow, match="晚于 2199 年"):
        read(expiry="9999-12-31")


def test_a_note_is_one_line_of_at_most_200() -> None:
    assert read(note=" 老店\n转入 ").note == "老店 转入"
    with pytest.raises(BadRow, match="备注超过 200 个字"):
        read(note="长" * 201)


def test_columns_are_found_by_name_in_any_order() -> None:
    columns = columns_of(["姓名", "备注 ", "积分余额", " Phone", "到期日"])
    assert columns == Columns(phone=3, points=2, expiry=4, note=1)
    assert columns.cells(["王", "n", "5"]) == ("", "5", "", "n")
    assert columns_of(["手机号", "积分"]).cells(["'+1", "5"]) == ("+1", "5", "", "")


@pytest.mark.parametrize("heading", [[], ["手机号"], ["积分"], ["13800000001", "100"], ["姓名", "电话号"]])
def test_a_heading_without_phone_and_points_is_refused(heading: list[str]) -> None:
    with pytest.raises(BadFile, match="第一行应为表头"):
        columns_of(heading)


def test_two_columns_of_one_meaning_are_refused() -> None:
    with pytest.raises(BadFile, match="「电话」和另一列是同一个意思"):
        columns_of(["手机号", "电话", "积分"])
