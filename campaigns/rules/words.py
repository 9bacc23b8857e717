"""Campaigns in Chinese: each condition and effect as a phrase, the whole rule as one sentence."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from campaigns.rules import definitions as d
from campaigns.rules.names import CHANNEL_NAMES, WEEKDAYS
from config.core.time import SHANGHAI

_WHEN: Mapping[str, str] = {
    "basket": "购物结算时",
    "redemption_basket": "积分兑换时",
    "order_completed": "订单完成后",
    "member_registered": "注册成为会员时",
    "profile_completed": "首次完善资料时",
    "checked_in": "每日签到时",
    "birthday": "会员生日当天",
    "invitee_registered": "邀请的好友注册后",
    "invitee_first_order": "邀请的好友完成首单后",
    "share_visited": "好友打开分享的页面时",
    "segment_entered": "进入人群时（每人每月最多一次）",
}


def plain(number: Decimal | int) -> str:
    """A number without useless zeros: 1.50 -> 1.5, 2.0 -> 2."""
    text = format(Decimal(number), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def yuan_words(cents: int) -> str:
    """An amount in running text: 50000 -> 500 元, 1050 -> 10.5 元."""
    return f"{plain(Decimal(cents) / 100)} 元"


def condition_words(condition: d.Condition, *, tier_names: Mapping[str, str] | None = None) -> str:
    """The condition as a phrase: 满 500 元, 每周三, 每月 15 日."""
    match condition:
        case d.AmountAtLeast(cents=cents):
            return f"满 {yuan_words(cents)}"
        case d.TierIn(tiers=tiers):
            return "、".join((tier_names or {}).get(code, code) for code in tiers)
        case d.SegmentIn():
            return "指定会员"  # members read it too, and the name of a segment is not for them
        case d.ChannelIn(channels=channels):
            return "、".join(CHANNEL_NAMES.get(code, code) for code in channels) + "渠道"
        case d.StreakMultipleOf(days=days):
            return f"每连续签到满 {days} 天"
        case _:
            return _calendar_words(condition)


def _calendar_words(condition: d.WeekdayIn | d.MonthDayIn | d.DateWindow) -> str:
    match condition:
        case d.WeekdayIn(weekdays=weekdays):
            return "每" + "、".join(f"周{WEEKDAYS[number - 1]}" for number in weekdays)
        case d.MonthDayIn(days=days):
            return "每月 " + "、".join(str(day) for day in days) + " 日"
        case d.DateWindow(first=first, last=last):
            return f"{first:%Y-%m-%d} 至 {last:%Y-%m-%d}"


def effect_words(effect: d.Effect) -> str:
    """The effect as a phrase: 每消费 1 元得 1 积分, 积分 ×2, 兑换积分 8 折."""
    match effect:
        case d.PointsPerYuan(points=points):
            return f"每消费 1 元得 {plain(points)} 积分"
        case d.Multiplier(factor=factor):
            return f"积分 ×{plain(factor)}"
        case d.FixedPoints(points=fixed):
            return f"得 {fixed} 积分"
        case d.GrowthPerYuan(growth=growth):
            return f"每消费 1 元得 {plain(growth)} 成长值"
        case d.FixedGrowth(growth=fixed):
            return f"得 {fixed} 成长值"
        case d.MoneyOff(cents=cents):
            return f"立减 {yuan_words(cents)}"
        case d.PointsPriceDiscount(rate=rate):
            return f"积分价 {plain(rate * 10)} 折"


def schedule_words(definition: d.Definition) -> str:
    """When the campaign runs: 长期有效, or its bounds and recurring days."""
    start, end = definition.starts_at, definition.ends_at
    parts: list[str] = []
    if start and end:
        parts.append(f"{_moment(start)} 至 {_moment(end)}")
    elif start:
        parts.append(f"{_moment(start)} 起")
    elif end:
        parts.append(f"至 {_moment(end)}")
    for condition in definition.conditions:
        if isinstance(condition, d.WeekdayIn | d.MonthDayIn | d.DateWindow):
            parts.append(condition_words(condition))
    return "，".join(parts) or "长期有效"


def rule_sentence(definition: d.Definition, *, tier_names: Mapping[str, str] | None = None) -> str:
    """The whole rule as one Chinese sentence."""
    conditions = [condition_words(one, tier_names=tier_names) for one in definition.conditions]
    if definition.trigger == "order_completed":
        conditions = [_by_payment(one, words) for one, words in zip(definition.conditions, conditions, strict=True)]
    when = "，".join([*conditions, _WHEN[definition.trigger]])
    effects = "，".join(effect_words(one) for one in definition.effects)
    stacking = "与同类活动叠加" if definition.adds_up else "同类活动取最优"
    bounds = "" if definition.starts_at is None and definition.ends_at is None else _bounds(definition) + "："
    return f"{bounds}{when}，{effects}；{stacking}。"


def _by_payment(condition: d.Condition, words: str) -> str:
    """Days of orders are the days on which they were paid."""
    is_calendar = isinstance(condition, d.WeekdayIn | d.MonthDayIn | d.DateWindow)
    return f"{words}（按付款时间）" if is_calendar else words


def _bounds(definition: d.Definition) -> str:
    start = _moment(definition.starts_at) if definition.starts_at else "即日"
    return f"{start} 至 {_moment(definition.ends_at)}" if definition.ends_at else f"{start} 起"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
