"""Qualification: how long a tier is held, and which growth decides about it at the end. Days are Shanghai's."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from config.core.time import add_months, day_start, local_date
from members.rules.tiers import window_start

_TICK = timedelta(microseconds=1)  # growth counts when it was earned after an instant


class Qualification(StrEnum):
    """What growth counts, and how long a tier lasts."""

    ROLLING = "rolling"
    CALENDAR_YEAR = "calendar_year"
    LIFETIME = "lifetime"


@dataclass(frozen=True, kw_only=True)
class Way:
    """The shop's way to qualify: `months` is the length of a rolling window and period."""

    qualification: Qualification = Qualification.ROLLING
    months: int = 12
    grace_days: int = 0

    @property
    def is_for_life(self) -> bool:
        """Whether all growth ever counts and no tier is ever lost by time."""
        return self.qualification == Qualification.LIFETIME or (
            self.qualification == Qualification.ROLLING and self.months == 0
        )


def counted_since(*, at: datetime, way: Way) -> datetime | None:
    """Growth earned after this instant counts at `at`; None: all of it does."""
    if way.is_for_life:
        return None
    if way.qualification == Qualification.CALENDAR_YEAR:
        return day_start(date(local_date(at).year, 1, 1)) - _TICK
    return window_start(at=at, months=way.months)


def period_end(*, starts_at: datetime, way: Way) -> datetime | None:
    """When a period that begins then is over, always at a midnight; None: never.

    A rolling period has all days of its months: they are counted from the first midnight at or after its start, so that
    who was lifted on 28 November keeps the tier through the 28th of the next. 29 February ends on the 28th.
    """
    if way.is_for_life:
        return None
    day = local_date(starts_at)
    if way.qualification == Qualification.CALENDAR_YEAR:
        return day_start(date(day.year + 1, 1, 1))
    whole = day if day_start(day) == starts_at else day + timedelta(days=1)
    return day_start(add_months(whole, way.months))


def decided_on_since(*, ends_at: datetime, way: Way) -> datetime | None:
    """Growth earned after this instant decides about a period that ended then; that of its own days counts anyway."""
    return counted_since(at=ends_at - _TICK if way.qualification == Qualification.CALENDAR_YEAR else ends_at, way=way)


def due_before(*, at: datetime, way: Way) -> datetime:
    """Periods that ended by then have had their grace and are decided at `at`."""
    return at - timedelta(days=way.grace_days)


def month_name(*, at: datetime) -> str:
    """The Shanghai month, as benefits that renew monthly count it: 2026-11."""
    return f"{local_date(at):%Y-%m}"


def last_day(*, ends_at: datetime) -> date:
    """The last day that a half-open period still has."""
    return local_date(ends_at - _TICK)
