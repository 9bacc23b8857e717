"""Paid time by the calendar, and what is left of a fee, to the cent."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.core.time import SHANGHAI
from members.rules.plans import (
    Fee,
    Length,
    RefundTerms,
    Stretch,
    end_of,
    fee_refund,
    following,
    lay,
    left_of,
    length_of,
    refund_words,
    upgrade_credit,
)

START = datetime(2024, 1, 1, tzinfo=SHANGHAI)
MOMENTS = st.integers(0, 5 * 366 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))
LENGTHS = st.sampled_from([Length(months=1), Length(months=3), Length(months=12), Length(days=7)])


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(hour=10, tzinfo=SHANGHAI)


def chain(lengths: list[Length], at: datetime) -> list[Stretch]:
    made: list[Stretch] = []
    for number, length in enumerate(lengths):
        made.append(following(id=number, last=made[-1] if made else None, length=length, worth_cents=9900, at=at))
    return made


@pytest.mark.parametrize(
    ("start", "kind", "end"),
    [
        ("2026-01-31", "month", "2026-02-28"),
        ("2028-01-31", "month", "2028-02-29"),
        ("2028-02-29", "year", "2029-02-28"),
        ("2026-11-30", "quarter", "2027-02-28"),
        ("2026-12-15", "month", "2027-01-15"),
    ],
)
def test_a_month_ends_on_the_same_day_or_the_last_one(start: str, kind: str, end: str) -> None:
    assert end_of(starts_at=day(start), length=length_of(kind)) == day(end)


def test_a_membership_for_life_has_no_end() -> None:
    assert end_of(starts_at=day("2026-01-01"), length=length_of("lifetime")) is None


def test_renewals_of_the_31st_do_not_drift_to_the_28th() -> None:
    made = chain([Length(months=1)] * 4, day("2026-01-31"))
    assert [one.ends_at for one in made] == [day(t) for t in ("2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31")]


def test_leap_day_comes_back_four_years_later() -> None:
    made = chain([Length(months=12)] * 4, day("2024-02-29"))
    assert [one.ends_at for one in made][-1] == day("2028-02-29")


def test_time_bought_late_begins_when_it_is_bought() -> None:
    (old,) = chain([Length(months=1)], day("2026-01-31"))
    late = following(id=2, last=old, length=Length(months=1), worth_cents=0, at=day("2026-03-10"))
    assert (late.starts_at, late.ends_at) == (day("2026-03-10"), day("2026-04-10"))


@given(st.lists(LENGTHS, min_size=1, max_size=8), MOMENTS)
def test_renewals_follow_each_other_without_gap_or_overlap(lengths: list[Length], at: datetime) -> None:
    made = chain(lengths, at)
    assert made[0].starts_at == at
    assert all(one.ends_at == other.starts_at for one, other in pairwise(made))
    assert all(one.ends_at is not None and one.starts_at < one.ends_at for one in made)


@given(st.lists(LENGTHS, min_size=2, max_size=6), MOMENTS, st.integers(0, 400), st.data())
def test_what_is_taken_out_leaves_no_gap(lengths: list[Length], at: datetime, later: int, data: st.DataObject) -> None:
    made, now = chain(lengths, at), at + timedelta(days=later)
    gone = data.draw(st.sampled_from(made))
    left = [one for one in made if one != gone and one.ends_at is not None and one.ends_at > now]
    laid = lay(left, at=now)
    assert [one.id for one in laid] == [one.id for one in left]
    assert all(one.ends_at == other.starts_at for one, other in pairwise(laid))
    assert not laid or laid[0].starts_at <= now


def test_of_two_that_run_at_once_the_days_left_of_the_second_follow() -> None:
    now = day("2026-06-11")
    own = Stretch(id=1, starts_at=day("2026-06-01"), ends_at=day("2026-07-01"), length=Length(months=1), anchor_day=1)
    theirs = Stretch(id=2, starts_at=day("2026-06-05"), ends_at=day("2026-06-21"), length=Length(days=16), anchor_day=5)
    first, second = lay([theirs, own], at=now)
    assert first == own
    assert (second.starts_at, second.ends_at) == (day("2026-07-01"), day("2026-07-11"))


def test_a_day_that_has_begun_is_not_used_up() -> None:
    start, end = day("2026-04-01"), day("2026-05-01")
    left = [left_of(cents=3000, starts_at=start, ends_at=end, at=day(f"2026-04-{n:02d}")) for n in (1, 2, 16, 30)]
    assert left == [3000, 2900, 1500, 100]
    assert left_of(cents=3000, starts_at=start, ends_at=end, at=day("2026-05-03")) == 0


@given(st.integers(0, 10_000_000), MOMENTS, LENGTHS)
def test_what_wears_off_day_by_day_adds_up_to_the_fee(cents: int, start: datetime, length: Length) -> None:
    end = end_of(starts_at=start, length=length)
    assert end is not None
    days = range((end - start).days + 2)
    left = [left_of(cents=cents, starts_at=start, ends_at=end, at=start + timedelta(days=n)) for n in days]
    assert left[0] == cents
    assert left[-1] == 0
    assert all(0 <= after <= before for before, after in pairwise(left))


def test_an_upgrade_counts_what_runs_by_the_day_and_what_is_to_come_in_full() -> None:
    made = chain([Length(months=1), Length(months=1)], day("2026-04-01"))
    assert upgrade_credit(stretches=made, at=day("2026-04-16")) == 9900 // 2 + 9900
    assert upgrade_credit(stretches=made, at=day("2026-07-01")) == 0


FEE = Fee(paid_cents=3000, bought_at=day("2026-04-01"), starts_at=day("2026-04-01"), ends_at=day("2026-05-01"))


@pytest.mark.parametrize(
    ("rule", "saved", "back"),
    [
        ("none", 0, 0),
        ("full", 700, 3000),
        ("pro_rata", 700, 2500),
        ("minus_savings", 700, 2300),
        ("minus_savings", 3001, 0),
    ],
)
def test_the_rule_decides_what_of_the_fee_comes_back(rule: str, saved: int, back: int) -> None:
    fee = Fee(**{**vars(FEE), "saved_cents": saved})
    assert fee_refund(fee=fee, terms=RefundTerms(rule, 7), at=day("2026-04-06")) == back


def test_nothing_comes_back_from_the_end_of_the_window_on() -> None:
    terms = RefundTerms("full", 7)
    end = FEE.bought_at + timedelta(days=7)
    assert fee_refund(fee=FEE, terms=terms, at=end - timedelta(seconds=1)) == 3000
    assert fee_refund(fee=FEE, terms=terms, at=end) == 0


@given(st.sampled_from(["full", "pro_rata", "minus_savings"]), st.integers(-5, 10_000), MOMENTS, st.integers(0, 400))
def test_never_more_than_the_fee_and_never_less_than_nothing(rule: str, saved: int, start: datetime, n: int) -> None:
    end = end_of(starts_at=start, length=Length(months=12))
    fee = Fee(paid_cents=9900, bought_at=start, starts_at=start, ends_at=end, saved_cents=saved)
    back = fee_refund(fee=fee, terms=RefundTerms(rule, 366), at=start + timedelta(days=n))
    assert 0 <= back <= 9900


def test_every_rule_is_said_in_words() -> None:
    said = {rule: refund_words(RefundTerms(rule, 7)) for rule in ("none", "full", "pro_rata", "minus_savings")}
    assert "不退" in said["none"]
    assert "全额" in said["full"]
    assert "剩余天数" in said["pro_rata"]
    assert "已省" in said["minus_savings"]
    assert all("7 天" in words for rule, words in said.items() if rule != "none")
