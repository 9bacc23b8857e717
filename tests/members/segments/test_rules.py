"""What a rule may say, how it reads, and when it holds."""

from datetime import date
from typing import Any

import pytest

from members.rules.segments import InvalidRule, Shape, holds, parse, plain, sentence

SHAPES = {
    one.name: one
    for one in (
        Shape(name="tier", label="会员等级", kind="codes"),
        Shape(name="spent", label="消费金额", kind="money", has_period=True),
        Shape(name="orders", label="订单数", kind="number", unit="单", has_period=True),
        Shape(name="last_order", label="下单付款", kind="days"),
        Shape(name="registered", label="注册日期", kind="date"),
    )
}


def names(field: str, codes: Any) -> dict[str, str]:
    return {"gold": "黄金会员", "silver": "白银会员"}


def condition(field: str, operator: str, value: Any, days: int | None = None) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value, "days": days}


def rule(
    *groups: list[dict[str, Any]], match: str = "all", inner: str = "all", negated: bool = False
) -> dict[str, Any]:
    return {
        "match": match,
        "groups": [{"match": inner, "negated": negated, "conditions": group} for group in groups],
    }


def words(data: dict[str, Any]) -> str:
    return sentence(parse(data, shapes=SHAPES), shapes=SHAPES, names=names)


GOLD = condition("tier", "in", ["gold"])
SPENT = condition("spent", "at_least", 50_000, 90)
ASLEEP = condition("last_order", "not_within", 60)


def test_a_rule_reads_as_a_sentence() -> None:
    assert words(rule([SPENT, GOLD])) == "近 90 天消费金额满 ¥500.00 且 会员等级为黄金会员"
    assert words(rule([SPENT, GOLD], [ASLEEP], match="any")) == (
        "（近 90 天消费金额满 ¥500.00 且 会员等级为黄金会员） 或 下单付款不在最近 60 天内"
    )
    assert words(rule([GOLD], negated=True)) == "不符合（会员等级为黄金会员）"
    assert words(rule([condition("registered", "since", "2026-01-01")])) == "注册日期不早于 2026-01-01"
    assert words(rule([condition("orders", "at_most", 1200)])) == "订单数不超过 1,200 单"
    assert words(rule([condition("tier", "not_in", ["gold", "gone"])])) == "会员等级不为黄金会员、（已删除）"


def test_a_rule_is_written_as_it_was_read() -> None:
    data = rule([SPENT, GOLD], [condition("registered", "until", "2026-01-01")], match="any", negated=True)
    assert plain(parse(data, shapes=SHAPES)) == data


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({}, "条件格式不正确，请重新添加"),
        (rule(), "请至少添加一个条件组"),
        (rule([]), "请至少添加一个条件"),
        (rule([GOLD], match="some"), "请选择满足全部还是任一"),
        (rule([condition("shoe_size", "in", ["44"])]), "没有「shoe_size」这个条件，请删除后重新添加"),
        (rule([condition("tier", "at_least", ["gold"])]), "「会员等级」请选择怎样比较"),
        (rule([condition("registered", "until", "9999-12-31")]), "「注册日期」请填写日期，例如 2026-11-01"),
        (rule([condition("registered", "since", "0001-01-01")]), "「注册日期」请填写日期，例如 2026-11-01"),
        (rule([condition("tier", "in", [])]), "「会员等级」请至少选择一项"),
        (rule([condition("tier", "in", "gold")]), "「会员等级」请至少选择一项"),
        (rule([condition("tier", "in", ["gold"], 30)]), "「会员等级」的统计天数应为 1 到 3650"),
        (rule([condition("spent", "at_least", -1)]), "「消费金额」请填写整数，不能太大"),
        (rule([condition("spent", "at_least", 1.5)]), "「消费金额」请填写整数，不能太大"),
        (rule([condition("spent", "at_least", True)]), "「消费金额」请填写整数，不能太大"),
        (rule([condition("spent", "at_least", 1, 0)]), "「消费金额」的统计天数应为 1 到 3650"),
        (rule([condition("last_order", "within", 0)]), "「下单付款」请填写不小于 1 的整数，不能太大"),
        (rule([condition("registered", "since", "2026-02-30")]), "「注册日期」请填写日期，例如 2026-11-01"),
        (rule(*[[GOLD]] * 11), "条件组最多 10 个"),
        (rule([GOLD] * 21), "条件最多 20 个"),
        (
            {"match": "all", "groups": [{"match": "all", "negated": "yes", "conditions": [GOLD]}]},
            "条件格式不正确，请重新添加",
        ),
        ({"match": "all", "groups": ["gold"]}, "条件格式不正确，请重新添加"),
    ],
)
def test_what_is_no_rule_is_refused_in_words(data: Any, text: str) -> None:
    with pytest.raises(InvalidRule) as refused:
        parse(data, shapes=SHAPES)
    assert refused.value.text == text


def test_unknown_facts_satisfy_nothing_but_a_no() -> None:
    facts = {
        ("tier", None): frozenset({"silver"}),
        ("spent", 90): 49_999,
        ("last_order", None): None,
        ("registered", None): date(2026, 5, 1),
        ("orders", None): None,
    }

    def does(*conditions: dict[str, Any], **how: Any) -> bool:
        return holds(parse(rule(list(conditions), **how), shapes=SHAPES), facts)

    assert not does(GOLD)
    assert does(GOLD, negated=True)
    assert not does(SPENT)
    assert does(ASLEEP)
    assert does(GOLD, ASLEEP, inner="any")
    assert not does(condition("orders", "at_least", 0))
    assert not does(condition("orders", "at_most", 9))
    assert does(condition("registered", "since", "2026-05-01"), condition("registered", "until", "2026-05-01"))
