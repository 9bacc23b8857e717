"""The ladder's arithmetic."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from members.rules.tiers import Rung, after_taking_back, progress, raised, tier_for, window_start

BRONZE = Rung(id=1, code="bronze", name="青铜会员", rank=1, threshold=0)
SILVER = Rung(id=2, code="silver", name="白银会员", rank=2, threshold=1000)
GOLD = Rung(id=3, code="gold", name="黄金会员", rank=3, threshold=5000)
LADDER = [GOLD, BRONZE, SILVER]
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("growth", "code"),
    [(0, "bronze"), (999, "bronze"), (1000, "silver"), (4999, "silver"), (5000, "gold"), (10**12, "gold")],
)
def test_a_tier_is_reached_at_its_threshold_exactly(growth: int, code: str) -> None:
    assert tier_for(growth=growth, ladder=LADDER).code == code


def test_who_reaches_no_threshold_stands_on_the_lowest_rung() -> None:
    assert tier_for(growth=10, ladder=[SILVER, GOLD]).code == "silver"


def test_progress_runs_from_the_own_threshold_to_the_next() -> None:
    found = progress(growth=2000, current=SILVER, ladder=LADDER)
    assert (found.next, found.missing, found.percent) == (GOLD, 3000, 25)


def test_progress_never_claims_the_whole_way_before_it_is_done() -> None:
    assert progress(growth=4999, current=SILVER, ladder=LADDER).percent == 99


def test_who_has_outlived_the_growth_of_a_tier_starts_its_way_at_zero() -> None:
    found = progress(growth=400, current=SILVER, ladder=LADDER)
    assert (found.missing, found.percent) == (4600, 0)


def test_the_top_has_nothing_above() -> None:
    found = progress(growth=9000, current=GOLD, ladder=LADDER)
    assert (found.next, found.missing, found.percent) == (None, 0, 100)


def test_an_upward_look_skips_rungs_and_never_lowers() -> None:
    assert raised(current=BRONZE, growth=5000, ladder=LADDER) == GOLD
    assert raised(current=GOLD, growth=0, ladder=LADDER) == GOLD


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        (5100, 5000, "gold"),  # still enough
        (5100, 4999, "silver"),  # the growth taken back had carried the member
        (5100, 900, "bronze"),
        (4000, 500, "gold"),  # it had aged away before: kept until the period ends
    ],
)
def test_taking_growth_back_lowers_only_whom_it_had_carried(before: int, after: int, code: str) -> None:
    assert after_taking_back(current=GOLD, before=before, after=after, ladder=LADDER).code == code


def test_the_window_is_counted_in_months_of_shanghai() -> None:
    at = datetime(2026, 3, 31, 9, 30, tzinfo=SHANGHAI)
    assert window_start(at=at, months=12) == datetime(2025, 3, 31, 9, 30, tzinfo=SHANGHAI)
    assert window_start(at=at, months=1) == datetime(2026, 2, 28, 9, 30, tzinfo=SHANGHAI)
    assert window_start(at=at, months=0) is None
