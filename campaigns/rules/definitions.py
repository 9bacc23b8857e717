"""What a campaign says: typed conditions and effects, read from JSON by the one parser that everybody uses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from campaigns.rules.fields import InvalidDefinition, Reader
from campaigns.rules.names import CONDITION_NAMES, EFFECT_NAMES, TRIGGER_NAMES


@dataclass(frozen=True)
class AmountAtLeast:
    """满额: the amount reaches `cents`."""

    cents: int


@dataclass(frozen=True)
class TierIn:
    """等级: the member stands on one of these tiers."""

    tiers: tuple[str, ...]


@dataclass(frozen=True)
class ChannelIn:
    """渠道: it came through one of these channels."""

    channels: tuple[str, ...]


@dataclass(frozen=True)
class WeekdayIn:
    """星期: it is one of these ISO weekdays (1 = Monday) in Shanghai."""

    weekdays: tuple[int, ...]


@dataclass(frozen=True)
class MonthDayIn:
    """每月几号: it is one of these days of the month in Shanghai."""

    days: tuple[int, ...]


@dataclass(frozen=True)
class DateWindow:
    """日期区间: the Shanghai day lies between two days, both included."""

    first: date
    last: date


@dataclass(frozen=True)
class StreakMultipleOf:
    """连续签到: every n-th check-in in a row."""

    days: int


@dataclass(frozen=True)
class SegmentIn:
    """人群: the member was in one of these segments by then, as of their last refresh."""

    segments: tuple[int, ...]


@dataclass(frozen=True)
class PointsPerYuan:
    """每元积分."""

    points: Decimal


@dataclass(frozen=True)
class Multiplier:
    """积分倍数."""

    factor: Decimal


@dataclass(frozen=True)
class FixedPoints:
    """固定积分."""

    points: int


@dataclass(frozen=True)
class GrowthPerYuan:
    """每元成长值."""

    growth: Decimal


@dataclass(frozen=True)
class FixedGrowth:
    """固定成长值."""

    growth: int


@dataclass(frozen=True)
class MoneyOff:
    """立减."""

    cents: int


@dataclass(frozen=True)
class PointsPriceDiscount:
    """积分价折扣: members pay `rate` of the points price."""

    rate: Decimal


Condition = AmountAtLeast | TierIn | ChannelIn | WeekdayIn | MonthDayIn | DateWindow | StreakMultipleOf | SegmentIn
Effect = PointsPerYuan | Multiplier | FixedPoints | GrowthPerYuan | FixedGrowth | MoneyOff | PointsPriceDiscount

ORDER_EFFECTS = ("points_per_yuan", "multiplier", "fixed_points", "growth_per_yuan", "fixed_growth")
MOMENT_EFFECTS = ("fixed_points", "multiplier", "fixed_growth")
PENDING_EFFECTS = ("fixed_points", "multiplier")  # growth can't wait: it moves tiers when it comes
EFFECTS_OF: Mapping[str, tuple[str, ...]] = {
    "basket": ("money_off",),
    "redemption_basket": ("points_price_discount",),
    "order_completed": ORDER_EFFECTS,
    "member_registered": MOMENT_EFFECTS,
    "profile_completed": MOMENT_EFFECTS,
    "checked_in": MOMENT_EFFECTS,
    "birthday": MOMENT_EFFECTS,
    "invitee_registered": PENDING_EFFECTS,
    "invitee_first_order": ORDER_EFFECTS,
    "share_visited": MOMENT_EFFECTS,
    "segment_entered": MOMENT_EFFECTS,
}
CALENDAR_CONDITIONS = ("weekday_in", "month_day_in", "date_window")
CONDITIONS_OF: Mapping[str, tuple[str, ...]] = {
    "basket": ("amount_at_least", "tier_in", "channel_in", *CALENDAR_CONDITIONS),
    "redemption_basket": ("tier_in", "channel_in", *CALENDAR_CONDITIONS),
    "order_completed": ("amount_at_least", "tier_in", "segment_in", "channel_in", *CALENDAR_CONDITIONS),
    "member_registered": ("channel_in", *CALENDAR_CONDITIONS),
    "profile_completed": ("tier_in", "segment_in", *CALENDAR_CONDITIONS),
    "checked_in": ("streak_multiple_of", "tier_in", "segment_in", *CALENDAR_CONDITIONS),
    "birthday": ("tier_in", "segment_in", *CALENDAR_CONDITIONS),
    "invitee_registered": ("channel_in", "tier_in", *CALENDAR_CONDITIONS),
    "invitee_first_order": ("amount_at_least", "tier_in", *CALENDAR_CONDITIONS),
    "share_visited": ("tier_in", "segment_in", *CALENDAR_CONDITIONS),
    "segment_entered": ("segment_in", "tier_in", *CALENDAR_CONDITIONS),
}


@dataclass(frozen=True, kw_only=True)
class Definition:
    """One version of a campaign, complete in itself. `[starts_at, ends_at)` is the schedule; None is open."""

    code: str
    name: str
    trigger: str
    conditions: tuple[Condition, ...] = ()
    effects: tuple[Effect, ...] = ()
    adds_up: bool = False
    description: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    position: int = 0

    def is_scheduled_at(self, at: datetime) -> bool:
        """Whether the schedule covers the instant."""
        return (self.starts_at is None or self.starts_at <= at) and (self.ends_at is None or at < self.ends_at)


def parse(data: Mapping[str, Any]) -> Definition:
    """The typed definition. Raises InvalidDefinition, which names the field and says in Chinese what is wrong."""
    reader = Reader(data)
    trigger = reader.choice("trigger", tuple(TRIGGER_NAMES))
    starts_at, ends_at = reader.moment("starts_at"), reader.moment("ends_at")
    if starts_at and ends_at and ends_at <= starts_at:
        raise InvalidDefinition("ends_at", "结束时间必须晚于开始时间")
    return Definition(
        code=reader.text("code"),
        name=reader.text("name"),
        trigger=trigger,
        conditions=parse_conditions(reader.items("conditions"), trigger=trigger),
        effects=parse_effects(reader.items("effects"), trigger=trigger),
        adds_up=reader.choice("stacking", ("best", "add")) == "add",
        description=reader.text("description", required=False),
        starts_at=starts_at,
        ends_at=ends_at,
        position=reader.integer("position", 0, 32767),
    )


def parse_conditions(items: Sequence[Mapping[str, Any]], *, trigger: str) -> tuple[Condition, ...]:
    """All conditions; each kind at most once, and only what the trigger can judge."""
    kinds = _kinds(items, field="conditions", allowed=CONDITIONS_OF[trigger], names=CONDITION_NAMES, trigger=trigger)
    if trigger == "segment_entered" and "segment_in" not in kinds:
        raise InvalidDefinition("conditions", "请选择进入哪个会员人群时给")
    return tuple(_condition(kind, Reader(item, field="conditions")) for kind, item in zip(kinds, items, strict=True))


def parse_effects(items: Sequence[Mapping[str, Any]], *, trigger: str) -> tuple[Effect, ...]:
    """All effects, at least one; each kind at most once, and only what the trigger can give."""
    if not items:
        raise InvalidDefinition("effects", "请至少设置一个效果")
    kinds = _kinds(items, field="effects", allowed=EFFECTS_OF[trigger], names=EFFECT_NAMES, trigger=trigger)
    return tuple(_effect(kind, Reader(item, field="effects")) for kind, item in zip(kinds, items, strict=True))


def _kinds(
    items: Sequence[Mapping[str, Any]], *, field: str, allowed: Sequence[str], names: Mapping[str, str], trigger: str
) -> list[str]:
    kinds: list[str] = []
    for item in items:
        kind = Reader(item, field=field).choice("kind", tuple(names))
        if kind not in allowed:
            raise InvalidDefinition(field, f"触发「{TRIGGER_NAMES[trigger]}」不支持「{names[kind]}」")
        if kind in kinds:
            raise InvalidDefinition(field, f"「{names[kind]}」只能设置一次")
        kinds.append(kind)
    return kinds


def _condition(kind: str, reader: Reader) -> Condition:
    if kind == "amount_at_least":
        return AmountAtLeast(reader.integer("cents", 1, 10**10))
    if kind in ("tier_in", "segment_in", "channel_in"):
        return _whom(kind, reader)
    if kind == "weekday_in":
        return WeekdayIn(reader.integers("weekdays", 1, 7))
    if kind == "month_day_in":
        return MonthDayIn(reader.integers("days", 1, 31))
    if kind == "date_window":
        first, last = reader.day("first"), reader.day("last")
        if last < first:
            raise InvalidDefinition("conditions", "日期区间的最后一天不能早于第一天")
        return DateWindow(first, last)
    return StreakMultipleOf(reader.integer("days", 2, 366))


def _whom(kind: str, reader: Reader) -> TierIn | SegmentIn | ChannelIn:
    if kind == "tier_in":
        return TierIn(reader.texts("tiers"))
    if kind == "segment_in":
        return SegmentIn(reader.integers("segments", 1, 2**31))
    return ChannelIn(reader.texts("channels"))


def _effect(kind: str, reader: Reader) -> Effect:
    if kind == "points_per_yuan":
        return PointsPerYuan(reader.number("points", above=0, most=1000))
    if kind == "multiplier":
        return Multiplier(reader.number("factor", above=1, most=100))
    if kind == "fixed_points":
        return FixedPoints(reader.integer("points", 1, 10**7))
    if kind == "growth_per_yuan":
        return GrowthPerYuan(reader.number("growth", above=0, most=1000))
    if kind == "fixed_growth":
        return FixedGrowth(reader.integer("growth", 1, 10**7))
    if kind == "money_off":
        return MoneyOff(reader.integer("cents", 1, 10**10))
    return PointsPriceDiscount(reader.number("rate", above=0, below=1))
