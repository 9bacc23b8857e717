"""The check-in week as plain values for templates."""

from typing import Any

from django.urls import reverse

from campaigns.rules.names import WEEKDAYS
from campaigns.selectors.check_ins import CheckInWeek, WeekDay
from members.h5.links import link_to


def week_values(week: CheckInWeek) -> dict[str, Any]:
    """Values of `h5/campaigns/_week.html` and of the words around it."""
    return {
        "streak": week.streak,
        "is_done_today": week.is_done_today,
        "points_today": week.points_today,
        "hint": _hint(week),
        "url": link_to("campaigns:check-in"),
        "receipt_url": reverse("campaigns:receipt", args=[week.receipt_id]) if week.receipt_id else "",
        "days": [_day(day) for day in week.days],
    }


def _hint(week: CheckInWeek) -> str:
    if week.treat is None:
        return "每天签到，积分慢慢攒" if not week.is_done_today else "今天已签到，明天再来"
    days, points = week.treat
    if days == 1 and not week.is_done_today:
        return f"今天签到得 {points} 积分"
    return f"再签 {days} 天得 {points} 积分"


def _day(day: WeekDay) -> dict[str, Any]:
    return {
        "state": day.state,
        "name": "今天" if day.state == "today" else f"周{WEEKDAYS[day.day.weekday()]}",
        "points": day.points,
        "art": "gift" if day.is_special else "coin",
    }
