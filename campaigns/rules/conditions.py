"""Whether a condition holds, and if not, what is missing in a Chinese phrase."""

from collections.abc import Sequence

from campaigns.rules import definitions as d
from campaigns.rules.context import Context
from campaigns.rules.words import condition_words
from config.core.money import yuan


def misses(conditions: Sequence[d.Condition], context: Context) -> tuple[str, ...]:
    """Why the campaign does not apply: one phrase per condition that fails; empty when all hold."""
    return tuple(_miss(condition, context) for condition in conditions if not holds(condition, context))


def holds(condition: d.Condition, context: Context) -> bool:
    """Whether one condition holds."""
    match condition:
        case d.AmountAtLeast(cents=cents):
            return context.amount_cents is not None and context.amount_cents >= cents
        case d.TierIn(tiers=tiers):
            return context.tier_code in tiers
        case d.SegmentIn(segments=segments):
            return not context.segments.isdisjoint(segments)
        case d.ChannelIn(channels=channels):
            return context.channel in channels
        case d.StreakMultipleOf(days=days):
            return bool(context.streak) and (context.streak or 0) % days == 0
        case _:
            return holds_on(condition, context)


def holds_on(condition: d.WeekdayIn | d.MonthDayIn | d.DateWindow, context: Context) -> bool:
    """Whether a calendar condition holds on the day of the occurrence."""
    match condition:
        case d.WeekdayIn(weekdays=weekdays):
            return context.day.isoweekday() in weekdays
        case d.MonthDayIn(days=days):
            return context.day.day in days
        case d.DateWindow(first=first, last=last):
            return first <= context.day <= last


def _miss(condition: d.Condition, context: Context) -> str:
    match condition:
        case d.AmountAtLeast(cents=cents):
            return f"差 {yuan(cents - (context.amount_cents or 0))} {condition_words(condition)}"
        case d.StreakMultipleOf(days=days):
            left = days - (context.streak or 0) % days
            return f"再连续签到 {left} 天"
        case _:
            return "仅限" + condition_words(condition, tier_names=context.tier_names)
