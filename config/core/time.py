"""The shop's clock: aware datetimes, and days and months as Shanghai sees them."""

import calendar
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def local_date(at: datetime) -> date:
    """The calendar day in Shanghai at that instant."""
    return at.astimezone(SHANGHAI).date()


def day_start(day: date) -> datetime:
    """The first instant of a Shanghai day."""
    return datetime.combine(day, time.min, SHANGHAI)


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """Half-open bounds `[start, end)` of a Shanghai day."""
    return day_start(day), day_start(day + timedelta(days=1))


def add_months(day: date, months: int) -> date:
    """The same day `months` later, or that month's last day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def month_end(day: date) -> datetime:
    """The first instant after the month of `day`: a lot that expires then is spendable through the last day."""
    return day_start(add_months(day.replace(day=1), 1))
