"""Rules of segments: what a rule may say, the same in Chinese, and whether a member's facts satisfy it.

A rule has groups, a group has conditions; each level joins by 且 or 或 and may be negated as a whole.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from config.core.json_text import read_json
from config.core.money import yuan

MOST_GROUPS: Final = 10
MOST_CONDITIONS: Final = 20
MOST_VALUES: Final = 200
LONGEST_DAYS: Final = 3650
EARLIEST, LATEST = date(1900, 1, 1), date(2200, 12, 31)  # the day after can still be reckoned
_MOST: Final = 10**12
_LONGEST_TEXT: Final = 100_000  # characters; no rule that is allowed comes near
_DEEPEST: Final = 6  # rule, groups, group, conditions, condition, codes
_NO_RULE: Final = "条件格式不正确，请重新添加"

# what a value is: codes out of a list (or of a search), a count, an amount in cents, a number of days, a date
OPERATORS: Final[Mapping[str, Mapping[str, str]]] = {
    "codes": {"in": "为", "not_in": "不为"},
    "number": {"at_least": "不少于", "at_most": "不超过"},
    "money": {"at_least": "满", "at_most": "不超过"},
    "days": {"within": "在最近", "not_within": "不在最近"},
    "date": {"since": "不早于", "until": "不晚于"},
}


class InvalidRule(ValueError):
    """The JSON is no rule; `text` says in Chinese what to change."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(text)


@dataclass(frozen=True, kw_only=True)
class Shape:
    """A field as rules see it: its name, its Chinese label, and what its values are.

    `has_period`: it may be counted over the last n days. `names` tells the word of a code, None for one that is none.
    """

    name: str
    label: str
    kind: str
    unit: str = ""
    has_period: bool = False
    least: int = 0

    @property
    def operators(self) -> Mapping[str, str]:
        """The operators that its kind allows, with their words."""
        return OPERATORS[self.kind]


@dataclass(frozen=True, kw_only=True)
class Condition:
    """条件. `value` is a tuple of codes, a whole number or a date; `days` the period, None: of all time."""

    field: str
    operator: str
    value: tuple[str, ...] | int | date
    days: int | None = None


@dataclass(frozen=True, kw_only=True)
class Group:
    """条件组. All or any of its conditions, or not."""

    conditions: tuple[Condition, ...]
    joins_all: bool = True
    is_negated: bool = False


@dataclass(frozen=True, kw_only=True)
class Rule:
    """人群条件. All or any of its groups."""

    groups: tuple[Group, ...]
    joins_all: bool = True


Shapes = Mapping[str, Shape]
Names = Callable[[str, Sequence[str]], Mapping[str, str]]


def decode(text: str) -> Any:
    """The JSON that somebody sent for a rule, no longer and no deeper than rules are. Raises InvalidRule."""
    try:
        return read_json(text, longest=_LONGEST_TEXT, deepest=_DEEPEST)
    except ValueError as error:
        raise InvalidRule(_NO_RULE) from error


def parse(data: Any, *, shapes: Shapes) -> Rule:
    """The typed rule. Raises InvalidRule."""
    groups = [_group(one, shapes) for one in _items(data, "groups", MOST_GROUPS, "条件组")]
    return Rule(groups=tuple(groups), joins_all=_joins_all(data))


def _group(data: Any, shapes: Shapes) -> Group:
    conditions = [_condition(one, shapes) for one in _items(data, "conditions", MOST_CONDITIONS, "条件")]
    negated = data.get("negated", False)
    if not isinstance(negated, bool):
        raise InvalidRule(_NO_RULE)
    return Group(conditions=tuple(conditions), joins_all=_joins_all(data), is_negated=negated)


def _items(data: Any, key: str, most: int, title: str) -> list[Any]:
    items = data.get(key) if isinstance(data, Mapping) else None
    if not isinstance(items, list):
        raise InvalidRule(_NO_RULE)
    if not items:
        raise InvalidRule(f"请至少添加一个{title}")
    if len(items) > most:
        raise InvalidRule(f"{title}最多 {most} 个")
    return items


def _joins_all(data: Mapping[str, Any]) -> bool:
    if data.get("match") not in ("all", "any"):
        raise InvalidRule("请选择满足全部还是任一")
    return bool(data["match"] == "all")


def _condition(data: Any, shapes: Shapes) -> Condition:
    name = data.get("field") if isinstance(data, Mapping) else None
    shape = shapes.get(name) if isinstance(name, str) else None
    if shape is None:
        raise InvalidRule(f"没有「{name}」这个条件，请删除后重新添加")
    operator = data.get("operator")
    if not isinstance(operator, str) or operator not in shape.operators:
        raise InvalidRule(f"「{shape.label}」请选择怎样比较")
    days = data.get("days")
    if days is not None and not (shape.has_period and type(days) is int and 1 <= days <= LONGEST_DAYS):
        raise InvalidRule(f"「{shape.label}」的统计天数应为 1 到 {LONGEST_DAYS}")
    return Condition(field=shape.name, operator=operator, value=_value(data.get("value"), shape), days=days)


def _value(value: Any, shape: Shape) -> tuple[str, ...] | int | date:
    if shape.kind == "codes":
        return _codes(value, shape)
    if shape.kind == "date":
        return _date(value, shape)
    least, most = (1, LONGEST_DAYS) if shape.kind == "days" else (shape.least, _MOST)
    if type(value) is not int or not least <= value <= most:
        raise InvalidRule(f"「{shape.label}」请填写{f'不小于 {least} 的' if least else ''}整数，不能太大")
    return value


def _date(value: Any, shape: Shape) -> date:
    try:
        day = date.fromisoformat(value)
    except (TypeError, ValueError):
        day = date.max
    if not EARLIEST <= day <= LATEST:
        raise InvalidRule(f"「{shape.label}」请填写日期，例如 2026-11-01")
    return day


def _codes(value: Any, shape: Shape) -> tuple[str, ...]:
    if (
        not isinstance(value, list)
        or not value
        or not all(isinstance(one, str) and 0 < len(one) <= 40 for one in value)
    ):
        raise InvalidRule(f"「{shape.label}」请至少选择一项")
    if len(value) > MOST_VALUES:
        raise InvalidRule(f"「{shape.label}」最多选择 {MOST_VALUES} 项")
    return tuple(dict.fromkeys(value))


def codes_in(data: Any, *, field: str) -> frozenset[str]:
    """The codes of the field that the JSON of a rule asks about; of what is no rule none."""
    groups = data.get("groups") if isinstance(data, Mapping) else None
    found = [
        value
        for group in groups or []
        for one in group.get("conditions", [])
        if one.get("field") == field
        for value in one.get("value") or []
    ]
    return frozenset(one for one in found if isinstance(one, str))


def tags_in(data: Any) -> frozenset[int]:
    """The ids of the tags that the JSON of a rule asks about; of what is no rule none."""
    return frozenset(int(one) for one in codes_in(data, field="tags") if one.isdecimal())


def plain(rule: Rule) -> dict[str, Any]:
    """The rule as JSON that `parse` reads back."""
    return {
        "match": "all" if rule.joins_all else "any",
        "groups": [
            {
                "match": "all" if group.joins_all else "any",
                "negated": group.is_negated,
                "conditions": [_plain_condition(one) for one in group.conditions],
            }
            for group in rule.groups
        ],
    }


def _plain_condition(condition: Condition) -> dict[str, Any]:
    value: Any = condition.value
    if isinstance(value, tuple):
        value = list(value)
    elif isinstance(value, date):
        value = value.isoformat()
    return {"field": condition.field, "operator": condition.operator, "value": value, "days": condition.days}


def sentence(rule: Rule, *, shapes: Shapes, names: Names) -> str:
    """The rule in Chinese: 近 90 天消费金额满 ¥500 且 等级为黄金会员."""
    words = [_group_words(group, shapes, names, alone=len(rule.groups) == 1) for group in rule.groups]
    return _joined(words, joins_all=rule.joins_all)


def _group_words(group: Group, shapes: Shapes, names: Names, *, alone: bool) -> str:
    words = [condition_words(one, shape=shapes[one.field], names=names) for one in group.conditions]
    text = _joined(words, joins_all=group.joins_all)
    if group.is_negated:
        return f"不符合（{text}）"
    return text if alone or len(words) == 1 else f"（{text}）"


def _joined(words: Sequence[str], *, joins_all: bool) -> str:
    return (" 且 " if joins_all else " 或 ").join(words)


def condition_words(condition: Condition, *, shape: Shape, names: Names) -> str:
    """One condition in Chinese."""
    period = f"近 {condition.days} 天" if condition.days else ""
    operator = shape.operators[condition.operator]
    value = condition.value
    if isinstance(value, tuple):
        known = names(shape.name, value)
        return f"{period}{shape.label}{operator}" + "、".join(known.get(code, "（已删除）") for code in value)
    if isinstance(value, date):
        return f"{shape.label}{operator} {value:%Y-%m-%d}"
    if shape.kind == "days":
        return f"{shape.label}{operator} {value} 天内"
    amount = yuan(value) if shape.kind == "money" else f"{value:,}{f' {shape.unit}' if shape.unit else ''}"
    return f"{period}{shape.label}{operator} {amount}"


Facts = Mapping[tuple[str, int | None], Any]


def holds(rule: Rule, facts: Facts) -> bool:
    """Whether the rule holds for a member with these facts by (field, period); the specification of the SQL.

    A fact is a set of codes, a whole number, a date or None; of a `days` field it is the age of what happened in days.
    """
    return _all_or_any((_group_holds(group, facts) for group in rule.groups), rule.joins_all)


def _group_holds(group: Group, facts: Facts) -> bool:
    found = _all_or_any((_condition_holds(one, facts) for one in group.conditions), group.joins_all)
    return found is not group.is_negated


def _all_or_any(found: Any, joins_all: bool) -> bool:
    return all(found) if joins_all else any(found)


def _condition_holds(condition: Condition, facts: Facts) -> bool:
    fact, value = facts[condition.field, condition.days], condition.value
    if isinstance(value, tuple):
        return bool(set(value) & fact) is (condition.operator == "in")
    if condition.operator in ("within", "not_within"):
        return (fact is not None and fact <= value) is (condition.operator == "within")
    if fact is None:
        return False
    return bool(fact >= value if condition.operator in ("at_least", "since") else fact <= value)
