"""Templates: listed variables are filled in, each in the form of its kind; nothing else is, whatever is passed."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from members.rules.payloads import InboxWords, WayWords, faults, payload
from members.rules.templates import (
    MISSING,
    BadVariable,
    Variable,
    fault_in,
    fill,
    fill_path,
    path_fault_in,
    read,
    samples_of,
    values_of,
    variables_of,
    written,
)
from members.rules.wechat_answers import outcome_of
from members.rules.wechat_fields import fault_in_key, fitted
from members.services.message_defaults import TEMPLATES

KINDS = ["text", "int", "money", "date", "moment", "url"]
anything = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.binary(),
    st.dates(),
    st.datetimes(),
    st.datetimes(timezones=st.just(UTC)),
    st.lists(st.integers()),
    st.dictionaries(st.text(), st.text()),
    st.builds(object),
)


def variable(name: str, kind: str = "text", sample: str = "样例") -> Variable:
    return Variable(name=name, kind=kind, title=name, sample=sample)


@given(kind=st.sampled_from([*KINDS, "object", ""]), value=anything)
def test_writing_a_value_never_raises_and_never_breaks_the_line(kind: str, value: Any) -> None:
    text = written(kind, value)
    assert text
    assert len(text) <= 200
    assert "\n" not in text
    assert all(sign.isprintable() for sign in text)


@given(text=st.text(alphabet=st.sampled_from("{}ab._[]!:%\\ \n积")), context=st.dictionaries(st.text(), anything))
def test_filling_any_text_with_any_context_never_raises(text: str, context: dict[str, Any]) -> None:
    values = values_of([variable("a"), variable("b", "int")], context)
    assert set(values) == {"a", "b"}
    assert len(fill(text, values, most=50)) <= 50
    fill_path(text, values)


class Secretive:
    """What a careless template engine would read."""

    phone = "13800000001"

    def __str__(self) -> str:
        return self.phone

    __format__ = __repr__ = __str__  # type: ignore[assignment]


class SecretiveText(str):
    def __format__(self, spec: str) -> str:
        return Secretive.phone

    def __str__(self) -> str:
        return Secretive.phone


@given(
    text=st.text(alphabet=st.sampled_from("{}.[]_0:!ranpshocme")),
    kind=st.sampled_from(KINDS),
    value=st.sampled_from([Secretive(), SecretiveText("x"), {"phone": Secretive.phone}, [Secretive.phone]]),
)
def test_attributes_and_unlisted_names_never_show(text: str, kind: str, value: Any) -> None:
    template = f"{text}{{a}}{{phone}}{{a.phone}}{{a[phone]}}{{a!r}}{{0}}"
    context = {"a": value, "phone": Secretive.phone, "0": Secretive.phone}
    assert Secretive.phone not in fill(template, values_of([variable("a", kind)], context), most=500)


def test_a_value_that_looks_like_a_variable_is_text() -> None:
    values = values_of([variable("a"), variable("b")], {"a": "{b}", "b": "{a}{b}"})
    assert fill("{a} {b}", values, most=100) == "{b} {a}{b}"


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("text", "  明前\n龙井 ", "明前 龙井"),
        ("text", "茶" * 61, "茶" * 59 + "…"),
        ("text", "", MISSING),
        ("int", 12345, "12,345"),
        ("int", True, MISSING),
        ("int", "5", MISSING),
        ("money", 123450, "¥1,234.50"),
        ("money", -50, "-¥0.50"),
        ("date", date(2026, 11, 30), "2026-11-30"),
        ("date", datetime(2026, 11, 30, 17, tzinfo=UTC), "2026-12-01"),
        ("date", datetime(2026, 11, 30, 17), MISSING),  # noqa: DTZ001
        ("moment", datetime(2026, 11, 30, 6, 5, tzinfo=UTC), "2026-11-30 14:05"),
        ("url", "/orders/88/", "/orders/88/"),
        ("url", "//evil.example", MISSING),
        ("url", "https://evil.example", MISSING),
        ("url", "/\\evil.example", MISSING),
        ("url", "javascript:alert(1)", MISSING),
    ],
)
def test_each_kind_has_its_form(kind: str, value: Any, text: str) -> None:
    assert written(kind, value) == text


def test_a_link_is_quoted_and_falls_away_when_a_part_is_missing() -> None:
    listed = [variable("order"), variable("page", "url", "/x/")]
    assert fill_path("/orders/{order}/", values_of(listed, {"order": "a/../b?c"})) == "/orders/a%2F..%2Fb%3Fc/"
    assert fill_path("/orders/{order}/", values_of(listed, {})) == ""
    assert fill_path("{page}", values_of(listed, {"page": "/points/?type=earned"})) == "/points/?type=earned"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("获得 {points} 积分", ""),
        ("获得 {point} 积分", "没有变量 {point}，可用的有：{points}"),
        ("获得 {points 积分", "花括号只能用来写变量，例如 {points}"),
        ("{{ member.phone }}", "花括号只能用来写变量，例如 {points}"),
        ("{points.real}", "花括号只能用来写变量，例如 {points}"),
        ("{points!r:>99}", "花括号只能用来写变量，例如 {points}"),
    ],
)
def test_a_bad_text_is_refused_in_chinese(text: str, fault: str) -> None:
    assert fault_in(text, [variable("points", "int", "1")]) == fault


@pytest.mark.parametrize("link", ["https://evil.example", "//evil.example", "points/", "/a b/", "{order}"])
def test_a_link_out_of_the_shop_is_refused(link: str) -> None:
    assert path_fault_in(link, [variable("order")]) == "链接须为本商城页面的路径，以 / 开头"
    assert path_fault_in("/orders/{order}/", [variable("order")]) == ""


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ({}, "变量是一个列表"),
        ([{"name": "a"}], "name、kind、title、sample"),
        ([{"name": "A", "kind": "text", "title": "甲", "sample": "x"}], "小写字母开头"),
        ([{"name": "a", "kind": "html", "title": "甲", "sample": "x"}], "类型须为"),
        ([{"name": "a", "kind": "int", "title": "甲", "sample": "一百"}], "「甲」为整数"),
        ([{"name": "a", "kind": "int", "title": "甲", "sample": "1"}] * 2, "重复"),
    ],
)
def test_bad_variables_are_refused_in_chinese(rows: Any, sentence: str) -> None:
    with pytest.raises(BadVariable, match=sentence):
        variables_of(rows)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("money", "9.9", 990),
        ("money", "-0.05", -5),
        ("int", "100", 100),
        ("date", "2026-02-28", date(2026, 2, 28)),
        ("text", " 茶 ", "茶"),
    ],
)
def test_what_a_person_types_is_read_by_kind(kind: str, text: str, value: Any) -> None:
    assert read(kind, text, title="甲") == value


@pytest.mark.parametrize(
    ("kind", "text"), [("money", "9.999"), ("money", "一"), ("date", "2026-02-30"), ("url", "//x"), ("text", " ")]
)
def test_what_is_of_no_such_kind_is_refused(kind: str, text: str) -> None:
    with pytest.raises(BadVariable, match="甲"):
        read(kind, text, title="甲")


@pytest.mark.parametrize(
    ("key", "text", "fits"),
    [
        ("thing1", "商品名称正好二十一个字的测试用例一二三四五", "商品名称正好二十一个字的测试用例一二三…"),
        ("thing1", "名字😀带表情\n和换行", "名字带表情和换行"),
        ("thing1", "", "无"),
        ("thing1", "😀", "无"),
        ("number2", "1,234", "1234"),
        ("number2", "", "0"),
        ("amount3", "¥1,234.50", "¥1234.50"),
        ("character_string4", "SF 123456 茶", "SF123456"),
        ("phrase5", "已发货在路上", "已发货在路"),
        ("phrase5", "sent", "无"),
        ("name6", "一二三四五六七八九十一", "一二三四五六七八九…"),
        ("date7", "2026-11-30", "2026-11-30"),
        ("keyword1", "任何内容", "任何内容"),
    ],
)
def test_wechat_fields_are_made_to_fit(key: str, text: str, fits: str) -> None:
    assert fitted(key, text) == fits


@given(key=st.sampled_from(["thing1", "number2", "phrase3", "name4", "amount5", "keyword1"]), text=st.text())
def test_no_text_breaks_a_wechat_field(key: str, text: str) -> None:
    value = fitted(key, text)
    assert value
    assert "\n" not in value
    assert len(value) <= (200 if key == "keyword1" else 32)


def test_a_field_that_wechat_does_not_know_is_refused() -> None:
    assert fault_in_key("thing1") == fault_in_key("keyword2") == fault_in_key("character_string10") == ""
    assert "没有「title」这样的字段" in fault_in_key("title")


def test_each_way_gets_what_its_sender_needs() -> None:
    inbox = InboxWords(title="100 积分到账", body="购物返积分", link="/points/")
    values = {"points": "100"}
    wechat = WayWords(way="wechat_subscribe", remote_id="tmpl", text="", fields={"number1": "{points}"})
    sms = WayWords(way="sms", remote_id="", text="您获得 {points} 积分", fields={})
    mail = WayWords(way="email", remote_id="", text="", fields={})
    assert payload(wechat, code="c", inbox=inbox, values=values) == {
        "template_id": "tmpl",
        "page": "points/",
        "data": {"number1": {"value": "100"}},
    }
    assert payload(sms, code="c", inbox=inbox, values=values) == {
        "text": "您获得 100 积分",
        "purpose": "c",
        "values": {"points": "100"},
    }
    assert payload(mail, code="c", inbox=inbox, values=values) == {
        "subject": "100 积分到账",
        "text": "购物返积分",
        "link": "/points/",
    }


def test_a_way_that_could_not_work_is_refused_in_chinese() -> None:
    empty = WayWords(way="wechat_subscribe", remote_id="", text="", fields={})
    assert set(faults(empty, [])) == {"remote_id", "fields"}
    wrong = WayWords(way="wechat_official", remote_id="t", text="{x}", fields={"title": "{y}"})
    assert set(faults(wrong, [])) == {"text", "fields"}


@pytest.mark.parametrize(
    ("code", "result"),
    [(0, "sent"), (43101, "unwanted"), (40001, "try_again"), (-1, "try_again"), (47003, "refused"), (99999, "refused")],
)
def test_wechats_codes_have_their_meaning(code: int, result: str) -> None:
    assert outcome_of(code=code).result.value == result


@pytest.mark.parametrize("one", TEMPLATES, ids=lambda one: one.code)
def test_the_default_templates_are_sound(one: Any) -> None:
    rows = [dict(zip(("name", "kind", "title", "sample"), row, strict=True)) for row in one.variables]
    variables = variables_of(rows)
    every = [*variables, variable("nickname")]
    assert [fault_in(text, every) for text in (one.title, one.body)] == ["", ""]
    assert path_fault_in(one.link, variables) == ""
    samples = samples_of(variables)
    assert MISSING not in fill(one.title + one.body, {**samples, "nickname": "小杉"}, most=2000)
    assert bool(fill_path(one.link, samples)) == bool(one.link)
