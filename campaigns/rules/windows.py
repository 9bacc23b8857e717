"""When a campaign runs: the stretch of days that an instant falls into, for notices. Earning never asks this."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from campaigns.rules import definitions as d
from campaigns.rules.conditions import holds_on
from campaigns.rules.context import Context
from config.core.time import day_bounds, day_start, local_date

_FARTHEST = 31
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Window:
    """The running stretch `[starts_at, ends_at)`; None is open."""

    starts_at: datetime | None
    ends_at: datetime | None


def is_timed(definition: d.Definition) -> bool:
    """Whether the campaign starts or ends at all, once or again and again."""
    return bool(definition.starts_at or definition.ends_at or _calendar(definition))


def window_at(definition: d.Definition, at: datetime) -> Window | None:
    """The stretch the instant falls into; None when the campaign does not run then."""
    calendar = _calendar(definition)
    if not definition.is_scheduled_at(at) or not _runs_on(calendar, local_date(at)):
        return None
    first, last = _stretch(calendar, local_date(at))
    starts = [definition.starts_at, day_start(first) if first else None]
    ends = [definition.ends_at, day_bounds(last)[1] if last else None]
    return Window(
        starts_at=max((moment for moment in starts if moment), default=None),
        ends_at=min((moment for moment in ends if moment), default=None),
    )


def _calendar(definition: d.Definition) -> list[d.WeekdayIn | d.MonthDayIn | d.DateWindow]:
    kinds = (d.WeekdayIn, d.MonthDayIn, d.DateWindow)
    return [condition for condition in definition.conditions if isinstance(condition, kinds)]


def _runs_on(calendar: Sequence[d.WeekdayIn | d.MonthDayIn | d.DateWindow], day: date) -> bool:
    context = Context(at=day_start(day))
    return all(holds_on(condition, context) for condition in calendar)


def _stretch(
    calendar: Sequence[d.WeekdayIn | d.MonthDayIn | d.DateWindow], day: date
) -> tuple[date | None, date | None]:
    """First and last day of the unbroken run of days around `day`; None where only the schedule bounds it."""
    if not any(isinstance(condition, d.WeekdayIn | d.MonthDayIn) for condition in calendar):
        window = next((condition for condition in calendar if isinstance(condition, d.DateWindow)), None)
        return (window.first, window.last) if window else (None, None)
    first = last = day
    while _runs_on(calendar, first - _ONE_DAY) and (day - first).days < _FARTHEST:
        first -= _ONE_DAY
    while _runs_on(calendar, last + _ONE_DAY) and (last - day).days < _FARTHEST:
        last += _ONE_DAY
    return first, last
