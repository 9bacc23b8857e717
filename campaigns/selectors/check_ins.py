"""A member's check-ins: the streak, the seven days around today, the month."""

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from campaigns.models import Campaign, CheckIn, Receipt
from campaigns.rules.context import Context, LiveCampaign
from campaigns.rules.evaluate import evaluate
from campaigns.selectors.live import live_campaigns
from config.core import policies
from config.core.time import day_start, local_date
from members.selectors.standing import standing

_WEEK = 7


@dataclass(frozen=True, kw_only=True)
class WeekDay:
    """One day of the running seven: what it gave or will give, and where it stands (done, today, ahead)."""

    day: date
    streak: int
    points: int
    state: str
    is_special: bool


@dataclass(frozen=True, kw_only=True)
class CheckInWeek:
    """Seven days of the streak. `points_today` is what today gives, or gave."""

    streak: int
    is_done_today: bool
    points_today: int
    receipt_id: int | None
    days: tuple[WeekDay, ...]

    @property
    def treat(self) -> tuple[int, int] | None:
        """In how many days the best day still ahead comes, and its points; None when no day stands out."""
        ahead = [day for day in self.days if day.state != "done" and day.is_special]
        best = max(ahead, key=lambda day: day.points, default=None)
        if best is None:
            return None
        return best.streak - self.streak, best.points


@dataclass(frozen=True, kw_only=True)
class MonthDay:
    """One cell of the month; `day` is None before the first."""

    day: int | None
    is_checked_in: bool = False
    is_today: bool = False


@dataclass(frozen=True, kw_only=True)
class CheckInPage:
    """Everything that the check-in page shows."""

    week: CheckInWeek
    month: date
    cells: tuple[MonthDay, ...]
    days_this_month: int


def check_in_page(*, member_id: int, at: datetime) -> CheckInPage:
    """The streak, the week and the month. Five queries."""
    today = local_date(at)
    streaks = _streaks(member_id, since=min(today.replace(day=1), today - timedelta(days=_WEEK)))
    checked_in = {day for day in streaks if (day.year, day.month) == (today.year, today.month)}
    return CheckInPage(
        week=_week(member_id, streaks, at),
        month=today.replace(day=1),
        cells=_cells(today, checked_in),
        days_this_month=len(checked_in),
    )


def check_in_week(*, member_id: int, at: datetime) -> CheckInWeek:
    """The streak and its seven days. Five queries."""
    return _week(member_id, _streaks(member_id, since=local_date(at) - timedelta(days=_WEEK)), at)


def _streaks(member_id: int, *, since: date) -> dict[date, int]:
    rows = CheckIn.objects.filter(member_id=member_id, day__gte=since)
    return dict(rows.order_by("day").values_list("day", "streak"))


def _week(member_id: int, streaks: Mapping[date, int], at: datetime) -> CheckInWeek:
    today = local_date(at)
    is_done = today in streaks
    streak = streaks.get(today) or streaks.get(today - timedelta(days=1), 0)
    first = today - timedelta(days=(streak - 1) % _WEEK if is_done else streak % _WEEK)
    first_streak = streak - (today - first).days + (0 if is_done else 1)
    numbered = [(first + timedelta(days=n), first_streak + n) for n in range(_WEEK)]
    promised = _promised(member_id, numbered, at)
    given = _given(member_id, [day for day, _ in numbered if day in streaks])
    least = min(promised.values())
    days = tuple(
        WeekDay(
            day=day,
            streak=number,
            points=given[day][1] if day in given else promised[day],
            state="done" if day in streaks else "today" if day == today else "ahead",
            is_special=promised[day] > least,
        )
        for day, number in numbered
    )
    gave = given.get(today)
    return CheckInWeek(
        streak=streak,
        is_done_today=is_done,
        points_today=gave[1] if gave else promised[today],
        receipt_id=gave[0] if gave else None,
        days=days,
    )


def _promised(member_id: int, numbered: Sequence[tuple[date, int]], at: datetime) -> dict[date, int]:
    """What each day gives by the campaigns that are live now."""
    known = standing(member_id=member_id)
    campaigns: list[LiveCampaign] = live_campaigns(triggers=[Campaign.Trigger.CHECKED_IN], at=at)
    context = Context(at=at, tier_code=known.tier_code, rounding=policies.current().points_rounding)
    return {
        day: evaluate(campaigns=campaigns, context=replace(context, at=max(at, day_start(day)), streak=number)).points
        for day, number in numbered
    }


def _given(member_id: int, days: Sequence[date]) -> dict[date, tuple[int, int]]:
    """Receipt and points of each of these days, in one query."""
    names = {f"checkin:{member_id}:{day}": day for day in days}
    rows = Receipt.objects.filter(member_id=member_id, occurrence__in=names).values_list("occurrence", "pk", "points")
    return {names[occurrence]: (receipt_id, points) for occurrence, receipt_id, points in rows}


def _cells(today: date, checked_in: set[date]) -> tuple[MonthDay, ...]:
    """Cells from the Monday of the week in which the month begins."""
    blank, length = calendar.monthrange(today.year, today.month)
    days = [
        MonthDay(day=number, is_checked_in=today.replace(day=number) in checked_in, is_today=number == today.day)
        for number in range(1, length + 1)
    ]
    return (*[MonthDay(day=None)] * blank, *days)
