"""A member's check-ins: the streak, the seven days around today, the month."""

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.conf import settings

from campaigns.models import Campaign
from campaigns.rules.context import Context, LiveCampaign
from campaigns.rules.evaluate import evaluate
from campaigns.selectors.live import live_campaigns
from config.core import policies
from config.core.db import Ask
from config.core.keeping import kept
from config.core.time import day_start, local_date
from members.selectors.standing import standing

_WEEK = 7
_CHECK_INS = """
SELECT checkin.day, checkin.streak, receipt.id, receipt.points
FROM campaigns_checkin AS checkin
LEFT JOIN campaigns_receipt AS receipt ON receipt.member_id = checkin.member_id
    AND receipt.occurrence = 'checkin:' || checkin.member_id || ':' || to_char(checkin.day, 'YYYY-MM-DD')
WHERE checkin.member_id = %(member)s AND checkin.day >= %(since)s
"""


class CheckedIn(NamedTuple):
    """One day's check-in with the receipt of what it gave, if there is one."""

    streak: int
    receipt_id: int | None
    points: int


CheckIns = Mapping[date, CheckedIn]


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
    """The streak, the week and the month. Three queries."""
    today = local_date(at)
    found = _ask(member_id, since=min(today.replace(day=1), today - timedelta(days=_WEEK))).answer()
    checked_in = {day for day in found if (day.year, day.month) == (today.year, today.month)}
    return CheckInPage(
        week=_week(found, standing(member_id=member_id).tier_code, at),
        month=today.replace(day=1),
        cells=_cells(today, checked_in),
        days_this_month=len(checked_in),
    )


def check_in_week(*, member_id: int, at: datetime) -> CheckInWeek:
    """The streak and its seven days. Three queries."""
    found = week_ask(member_id=member_id, at=at).answer()
    return week_in(found, tier_code=standing(member_id=member_id).tier_code, at=at)


def week_ask(*, member_id: int, at: datetime) -> Ask[CheckIns]:
    """The question of what `week_in` needs."""
    return _ask(member_id, since=local_date(at) - timedelta(days=_WEEK))


def week_in(found: CheckIns, *, tier_code: str, at: datetime) -> CheckInWeek:
    """What `check_in_week` says. One query, when the promises are not kept."""
    return _week(found, tier_code, at)


def _ask(member_id: int, *, since: date) -> Ask[CheckIns]:
    return Ask(
        sql=_CHECK_INS,
        params={"member": member_id, "since": since},
        read=lambda rows: {day: CheckedIn(*rest) for day, *rest in rows},
    )


def _week(found: CheckIns, tier_code: str, at: datetime) -> CheckInWeek:
    today = local_date(at)
    is_done = today in found
    last = found.get(today) or found.get(today - timedelta(days=1))
    streak = last.streak if last else 0
    first = today - timedelta(days=(streak - 1) % _WEEK if is_done else streak % _WEEK)
    first_streak = streak - (today - first).days + (0 if is_done else 1)
    numbered = [(first + timedelta(days=n), first_streak + n) for n in range(_WEEK)]
    promised = _promised(tuple(numbered), tier_code, at)
    given = {day: one for day, _ in numbered if (one := found.get(day)) and one.receipt_id is not None}
    least = min(promised.values())
    days = tuple(
        WeekDay(
            day=day,
            streak=number,
            points=given[day].points if day in given else promised[day],
            state="done" if day in found else "today" if day == today else "ahead",
            is_special=promised[day] > least,
        )
        for day, number in numbered
    )
    gave = given.get(today)
    return CheckInWeek(
        streak=streak,
        is_done_today=is_done,
        points_today=gave.points if gave else promised[today],
        receipt_id=gave.receipt_id if gave else None,
        days=days,
    )


def _promised(numbered: tuple[tuple[date, int], ...], tier_code: str, at: datetime) -> dict[date, int]:
    """What each day gives by the campaigns that are live now; kept for the tier for settings.SHELF_SECONDS."""
    context = Context(at=at, tier_code=tier_code, rounding=policies.current().points_rounding)
    key = ("check_in", numbered, tier_code, context.rounding, local_date(at))
    return kept(key, seconds=settings.SHELF_SECONDS, load=lambda: _judged(numbered, context))


def _judged(numbered: Sequence[tuple[date, int]], context: Context) -> dict[date, int]:
    at = context.at
    campaigns: list[LiveCampaign] = live_campaigns(triggers=[Campaign.Trigger.CHECKED_IN], at=at)
    return {
        day: evaluate(campaigns=campaigns, context=replace(context, at=max(at, day_start(day)), streak=number)).points
        for day, number in numbered
    }


def _cells(today: date, checked_in: set[date]) -> tuple[MonthDay, ...]:
    """Cells from the Monday of the week in which the month begins."""
    blank, length = calendar.monthrange(today.year, today.month)
    days = [
        MonthDay(day=number, is_checked_in=today.replace(day=number) in checked_in, is_today=number == today.day)
        for number in range(1, length + 1)
    ]
    return (*[MonthDay(day=None)] * blank, *days)
