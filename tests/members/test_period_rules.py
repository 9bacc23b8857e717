"""How long a tier is held, and which growth decides about it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.core.time import SHANGHAI, day_start, local_date
from members.rules.periods import (
    Qualification,
    Way,
    counted_since,
    decided_on_since,
    due_before,
    last_day,
    month_name,
    period_end,
)
from members.rules.tiers import Rung, at_period_end

ROLLING = Way()
YEARLY = Way(qualification=Qualification.CALENDAR_YEAR)
LIFELONG = Way(qualification=Qualification.LIFETIME)


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=SHANGHAI)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("starts_at", "ends_at"),
    [
        (local(2026, 11, 28, 14), local(2027, 11, 29)),
        (local(2026, 11, 29), local(2027, 11, 29)),
        (local(2026, 12, 31, 23, 59), local(2028, 1, 1)),
        (local(2028, 2, 28, 9), local(2029, 2, 28)),
        (local(2028, 2, 29), local(2029, 2, 28)),
        (local(2027, 2, 28), local(2028, 2, 28)),
        (datetime(2026, 11, 28, 15, 59, 59, tzinfo=UTC), local(2027, 11, 29)),
        (datetime(2026, 11, 28, 16, tzinfo=UTC), local(2027, 11, 29)),
    ],
)
def test_a_rolling_period_has_all_days_of_twelve_months(starts_at: datetime, ends_at: datetime) -> None:
    assert period_end(starts_at=starts_at, way=ROLLING) == ends_at


def test_a_calendar_year_ends_at_new_year_in_shanghai() -> None:
    assert period_end(starts_at=local(2026, 3, 1), way=YEARLY) == local(2027, 1, 1)
    assert period_end(starts_at=local(2027, 1, 1), way=YEARLY) == local(2028, 1, 1)
    assert period_end(starts_at=datetime(2026, 12, 31, 16, tzinfo=UTC), way=YEARLY) == local(2028, 1, 1)


@pytest.mark.parametrize("way", [LIFELONG, Way(months=0)])
def test_a_tier_for_life_has_no_end_and_counts_everything(way: Way) -> None:
    assert period_end(starts_at=local(2026, 3, 1), way=way) is None
    assert counted_since(at=local(2026, 3, 1), way=way) is None


def test_growth_of_new_years_first_instant_counts_for_the_year() -> None:
    since = counted_since(at=local(2027, 6, 1), way=YEARLY)
    assert since is not None
    assert since < local(2027, 1, 1)
    assert local(2027, 1, 1) - since == timedelta(microseconds=1)


def test_the_year_that_ended_is_the_one_that_decides() -> None:
    assert decided_on_since(ends_at=local(2027, 1, 1), way=YEARLY) == counted_since(at=local(2026, 6, 1), way=YEARLY)
    assert decided_on_since(ends_at=local(2027, 11, 29), way=ROLLING) == local(2026, 11, 29)


def test_grace_delays_the_decision() -> None:
    assert due_before(at=local(2027, 1, 31), way=Way(grace_days=30)) == local(2027, 1, 1)


def test_a_period_is_named_by_its_last_day_and_a_month_by_shanghai() -> None:
    assert last_day(ends_at=local(2027, 11, 29)) == date(2027, 11, 28)
    assert month_name(at=datetime(2026, 10, 31, 16, tzinfo=UTC)) == "2026-11"


@given(
    starts_at=st.floats(0, 60_000 * 86_400).map(lambda seconds: local(2000, 1, 1) + timedelta(seconds=seconds)),
    way=st.builds(
        Way,
        qualification=st.sampled_from([Qualification.ROLLING, Qualification.CALENDAR_YEAR]),
        months=st.integers(1, 36),
    ),
)
def test_periods_follow_each_other_without_gap_and_end_at_midnights(starts_at: datetime, way: Way) -> None:
    for _ in range(4):
        ends_at = period_end(starts_at=starts_at, way=way)
        assert ends_at is not None
        assert ends_at > starts_at
        assert ends_at == day_start(local_date(ends_at))
        decided_on = decided_on_since(ends_at=ends_at, way=way)
        assert decided_on is not None
        assert decided_on < ends_at
        starts_at = ends_at


RUNGS = [
    Rung(id=1, code="b", name="b", rank=1, threshold=0),
    Rung(id=2, code="s", name="s", rank=2, threshold=1000, retention_threshold=800),
    Rung(id=3, code="g", name="g", rank=5, threshold=5000),
]


@pytest.mark.parametrize(
    ("tier", "growth", "after"),
    [
        ("g", 5000, "g"),
        ("g", 4999, "s"),
        ("g", 0, "s"),
        ("s", 800, "s"),
        ("s", 799, "b"),
        ("s", 9000, "s"),
        ("b", 0, "b"),
    ],
)
def test_a_periods_end_keeps_the_tier_or_lowers_it_by_one(tier: str, growth: int, after: str) -> None:
    current = next(rung for rung in RUNGS if rung.code == tier)
    assert at_period_end(current=current, growth=growth, ladder=RUNGS[::-1]).code == after
