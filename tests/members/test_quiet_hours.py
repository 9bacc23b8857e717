"""Nothing disturbs at night: hours are Shanghai's, and a night has one midnight in it."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.core.time import SHANGHAI
from members.rules.quiet_hours import allowed_from


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("now", "allowed"),
    [
        ("2026-11-18T21:59:59", "2026-11-18T21:59:59"),
        ("2026-11-18T22:00:00", "2026-11-19T08:00:00"),
        ("2026-11-18T23:59:59", "2026-11-19T08:00:00"),
        ("2026-11-19T00:00:00", "2026-11-19T08:00:00"),
        ("2026-11-19T07:59:59", "2026-11-19T08:00:00"),
        ("2026-11-19T08:00:00", "2026-11-19T08:00:00"),
        ("2026-12-31T23:00:00", "2027-01-01T08:00:00"),
    ],
)
def test_from_ten_to_eight_it_waits(now: str, allowed: str) -> None:
    assert allowed_from(at=at(now), starts_hour=22, ends_hour=8) == at(allowed)


def test_another_time_zone_is_the_same_moment() -> None:
    now = at("2026-11-18T23:30:00").astimezone(tz=None)
    assert allowed_from(at=now, starts_hour=22, ends_hour=8) == at("2026-11-19T08:00:00")


def test_quiet_hours_within_a_day() -> None:
    assert allowed_from(at=at("2026-11-18T13:10:00"), starts_hour=12, ends_hour=14) == at("2026-11-18T14:00:00")
    assert allowed_from(at=at("2026-11-18T14:00:00"), starts_hour=12, ends_hour=14) == at("2026-11-18T14:00:00")


def test_equal_hours_are_never_quiet() -> None:
    assert allowed_from(at=at("2026-11-18T03:00:00"), starts_hour=8, ends_hour=8) == at("2026-11-18T03:00:00")


moments = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(SHANGHAI))  # noqa: DTZ001


@given(now=moments, starts=st.integers(0, 23), ends=st.integers(0, 23))
def test_it_never_waits_a_day_and_then_may_leave(now: datetime, starts: int, ends: int) -> None:
    allowed = allowed_from(at=now, starts_hour=starts, ends_hour=ends)
    assert 0 <= (allowed - now).total_seconds() < 24 * 3600
    assert allowed_from(at=allowed, starts_hour=starts, ends_hour=ends) == allowed
