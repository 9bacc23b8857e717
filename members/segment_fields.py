"""What segments may ask about members themselves."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, Final

from config.core.time import day_start
from members.models import Channel, Interest, Member, Tag, Tier
from members.ports import Choices, Fragment, Scope, SegmentField, Where, register_segment_fields
from members.rules.birthdays import lunar_days_by_month
from members.rules.regions import cities, provinces
from members.rules.segments import Condition, Shape

_WHO, _STANDING, _JOINED = "会员资料", "等级与积分", "注册"
_COMPARED: Final = {"at_least": ">=", "at_most": "<="}

# in full years; who celebrates by the lunar calendar is a year older from January on
_AGE: Final = (
    "(%s - m.birth_year - CASE WHEN m.birthday_calendar = 'solar' AND m.birthday_month_day > %s THEN 1 ELSE 0 END)"
)


def one_of(sql: str) -> Where:
    """Whether the text expression is one of the chosen codes."""

    def where(condition: Condition, scope: Scope) -> Fragment:
        return chosen(condition, Fragment(f"{sql} = ANY(%s)", (list(codes_of(condition)),)))

    return where


def chosen(condition: Condition, fragment: Fragment) -> Fragment:
    """The fragment, or its contrary when the condition says 不为."""
    if condition.operator == "in":
        return fragment
    return Fragment(f"({fragment.sql}) IS NOT TRUE", fragment.params)


def codes_of(condition: Condition) -> tuple[str, ...]:
    """The chosen codes."""
    assert isinstance(condition.value, tuple)
    return condition.value


def ids_of(condition: Condition) -> list[int]:
    """The chosen codes as row ids; what is no number can't be one."""
    return [int(code) for code in codes_of(condition) if code.isascii() and code.isdigit() and len(code) < 19]


def _age(condition: Condition, scope: Scope) -> Fragment:
    sql = f"{_AGE} {_COMPARED[condition.operator]} %s"
    return Fragment(sql, (scope.today.year, f"{scope.today:%m%d}", condition.value))


def _birthday_month(condition: Condition, scope: Scope) -> Fragment:
    """The month in which the birthday is this year: a lunar one falls into another month than its number says."""
    lunar = lunar_days_by_month(scope.today.year)
    months = ids_of(condition)
    days = [month_day for month in months for month_day in lunar.get(month, ())]
    sql = (
        "CASE m.birthday_calendar WHEN 'lunar' THEN m.birthday_month_day = ANY(%s)"
        " ELSE left(m.birthday_month_day, 2) = ANY(%s) END"
    )
    return chosen(condition, Fragment(sql, (days, [f"{month:02}" for month in months])))


def _balance(account: str) -> Where:
    def where(condition: Condition, scope: Scope) -> Fragment:
        balance = f"(SELECT a.spendable FROM points_account a WHERE a.id = m.{account})"  # noqa: S608 (a column of ours)
        return Fragment(f"{balance} {_COMPARED[condition.operator]} %s", (condition.value,))

    return where


def _tags(condition: Condition, scope: Scope) -> Fragment:
    sql = (
        "m.id IN (SELECT t.member_id FROM members_membertag t"
        " WHERE t.tag_id = ANY(%s) AND t.member_id > %s AND t.member_id <= %s)"
    )
    return chosen(condition, Fragment(sql, (ids_of(condition), scope.after_id, scope.upto_id)))


def _interests(condition: Condition, scope: Scope) -> Fragment:
    sql = (
        "m.id IN (SELECT i.member_id FROM members_memberinterest i"
        " WHERE i.interest_id = ANY(%s) AND i.member_id > %s AND i.member_id <= %s)"
    )
    return chosen(condition, Fragment(sql, (ids_of(condition), scope.after_id, scope.upto_id)))


def _tier(condition: Condition, scope: Scope) -> Fragment:
    sql = "m.tier_id IN (SELECT t.id FROM members_tier t WHERE t.code = ANY(%s))"
    return chosen(condition, Fragment(sql, (list(codes_of(condition)),)))


def _region(condition: Condition, scope: Scope) -> Fragment:
    codes = list(codes_of(condition))
    places = [code[:2] for code in codes if code.endswith("0000")], [code[:4] for code in codes if code[4:] == "00"]
    sql = "(left(m.region_code, 2) = ANY(%s) OR left(m.region_code, 4) = ANY(%s))"
    return chosen(condition, Fragment(sql, places))


def _registered_since(condition: Condition, scope: Scope) -> Fragment:
    assert isinstance(condition.value, date)
    if condition.operator == "since":
        return Fragment("m.registered_at >= %s", (day_start(condition.value),))
    return Fragment("m.registered_at < %s", (day_start(condition.value + timedelta(days=1)),))


def _registered_within(condition: Condition, scope: Scope) -> Fragment:
    assert isinstance(condition.value, int)
    sign = ">=" if condition.operator == "within" else "<"
    return Fragment(f"m.registered_at {sign} %s", (scope.since(condition.value),))


def _channel_of_arrival(condition: Condition, scope: Scope) -> Fragment:
    sql = (
        "m.id IN (SELECT a.member_id FROM members_attribution a"
        " WHERE a.channel_id = ANY(%s) AND a.member_id > %s AND a.member_id <= %s)"
    )
    return chosen(condition, Fragment(sql, (ids_of(condition), scope.after_id, scope.upto_id)))


def _rows(model: Any, order: str = "name") -> Callable[[], Choices]:
    return lambda: [(str(pk), name) for pk, name in model.objects.order_by(order, "pk").values_list("pk", "name")]


def _tiers() -> Choices:
    return list(Tier.objects.order_by("rank").values_list("code", "name"))


def _regions() -> Choices:
    """Provinces, each followed by its cities; a municipality's only city is left out."""
    found: Choices = []
    for province in provinces():
        found.append((province.code, province.name))
        below = cities(province=province.code)
        if len(below) > 1:
            found += [(city.code, f"{province.name} {city.name}") for city in below]
    return found


def _months() -> Choices:
    return [(f"{month:02}", f"{month} 月") for month in range(1, 13)]


def _codes(name: str, label: str, group: str, where: Where, choices: Callable[[], Choices]) -> SegmentField:
    return SegmentField(shape=Shape(name=name, label=label, kind="codes"), group=group, where=where, choices=choices)


def register() -> None:
    """Offer what members know; called once, from AppConfig.ready()."""
    register_segment_fields(
        _codes("tier", "会员等级", _STANDING, _tier, _tiers),
        SegmentField(
            shape=Shape(name="points", label="可用积分", kind="number", unit="积分"),
            group=_STANDING,
            where=_balance("points_account_id"),
        ),
        SegmentField(
            shape=Shape(name="growth", label="累计成长值", kind="number"),
            group=_STANDING,
            where=_balance("growth_account_id"),
        ),
        _codes("tags", "标签", _WHO, _tags, _rows(Tag)),
        _codes("interests", "兴趣", _WHO, _interests, _rows(Interest)),
        _codes("region", "地区", _WHO, _region, _regions),
        SegmentField(shape=Shape(name="age", label="年龄", kind="number", unit="岁"), group=_WHO, where=_age),
        _codes("birthday_month", "生日月份", _WHO, _birthday_month, _months),
        _codes("gender", "性别", _WHO, one_of("m.gender"), lambda: [("female", "女"), ("male", "男")]),
        SegmentField(
            shape=Shape(name="registered", label="注册日期", kind="date"), group=_JOINED, where=_registered_since
        ),
        SegmentField(
            shape=Shape(name="registered_days", label="注册时间", kind="days"), group=_JOINED, where=_registered_within
        ),
        _codes("channel", "注册渠道", _JOINED, one_of("m.channel"), lambda: list(Member.Channel.choices)),
        _codes("brought_by", "推广渠道", _JOINED, _channel_of_arrival, _rows(Channel)),
    )
