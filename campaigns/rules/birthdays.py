"""Whose birthday a day is."""

import calendar
from datetime import date


def month_days(day: date) -> list[str]:
    """The month-days (MMDD) that are celebrated on the day: 29 February on the 28th of a common year."""
    found = [f"{day:%m%d}"]
    if (day.month, day.day) == (2, 28) and not calendar.isleap(day.year):
        found.append("0229")
    return found
