"""What returns, when and with which expiry: many small reversals, holds that outlive their lots, calendars."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import override_settings

from config.core.time import add_months, local_date, month_end
from points import ledger
from points.models import Entry, Lot

from .conftest import T0, buckets, day, earn, history, hold, spend

Lapsing = list[tuple[datetime, int]]


def restored(steps: list[int | None], *, arrears: int, on: float) -> tuple[Lapsing, int, int]:
    """What can be used by expiry, and all that can be used and is owed, after a spend of 100 is reversed in steps."""
    account = ledger.open_account(asset="points")
    earn(account, 30, key="a", until=10)
    earn(account, 50, key="b", until=40)
    earn(account, 20, key="c", until=60)
    owed = earn(account, arrears, key="owed", until=90) if arrears else None
    spent = spend(account, 100 + arrears, on=1)
    if owed:
        ledger.reverse(entry=owed.id, key="back", at=day(2))
    for number, points in enumerate(steps):
        ledger.reverse(entry=spent.id, key=f"r{number}", at=day(on), points=points)
    assert ledger.audit(accounts=[account]) == []
    left = ledger.balance(account=account, at=day(on))
    return left.lapsing, left.spendable, left.arrears


@pytest.mark.parametrize("grace", [7, 0])
@pytest.mark.parametrize("on", [3, 20, 50])
@pytest.mark.parametrize("arrears", [0, 40, 90])
def test_rule_5_partial_reversals_in_any_number_of_steps_give_the_same_points_per_expiry_as_one(db, arrears, on, grace):
    with override_settings(POLICIES={"restore_grace_days": grace}):
        whole = restored([None], arrears=arrears, on=on)
        assert restored([10] * 9 + [None], arrears=arrears, on=on) == whole
        assert restored([1, 33, 17, None], arrears=arrears, on=on) == whole


def clawed_back(steps: list[int | None], *, forgives: bool) -> tuple[Lapsing, int, int]:
    """What can be used by expiry, and all that can be used and is owed, after an earn of 100 is taken back in steps."""
    account = ledger.open_account(asset="points")
    earn(account, 40, key="soon", until=15)
    earned = earn(account, 100, key="mine", until=30)
    earn(account, 25, key="late", until=60)
    spend(account, 90, on=1)
    with override_settings(POLICIES={"clawback_past_zero": "forgive" if forgives else "arrears"}):
        for number, points in enumerate(steps):
            ledger.reverse(entry=earned.id, key=f"r{number}", at=day(2), points=points)
    left = ledger.balance(account=account, at=day(2))
    return left.lapsing, left.spendable, left.arrears


@pytest.mark.parametrize("forgives", [False, True])
def test_rule_6_partial_clawbacks_in_any_number_of_steps_take_the_same_as_one(db, forgives):
    whole = clawed_back([None], forgives=forgives)
    assert whole[2] == (0 if forgives else 25)
    assert clawed_back([10] * 9 + [None], forgives=forgives) == whole
    assert clawed_back([49, 2, None], forgives=forgives) == whole


def test_rule_5_what_returns_first_repays_first(account):
    earn(account, 30, key="a", until=40)
    owed = earn(account, 30, key="b", until=60)
    spent = spend(account, 60)
    ledger.reverse(entry=owed.id, key="r", at=day(2))
    ledger.reverse(entry=spent.id, key="back", at=day(3))
    assert ledger.balance(account=account, at=day(3)).lapsing == [(day(40), 30)], "the last drawn came back first"


def test_a_reversed_reversal_is_refused(account):
    earned, spent = earn(account, 100), spend(account, 40)
    back = ledger.reverse(entry=spent.id, key="r1", at=day(2))
    taken = ledger.reverse(entry=earned.id, key="r2", at=day(3))
    for entry in (back, taken):
        with pytest.raises(ledger.NotReversible) as refusal:
            ledger.reverse(entry=entry.id, key="again", at=day(4))
        assert refusal.value.facts == {"entry": entry.id, "kind": entry.kind}
    assert len(history(account)) == 4


def test_rule_8_a_hold_survives_the_lapse_of_the_lot_it_was_drawn_from(account):
    earn(account, 100, until=10)
    held = hold(account, 60, on=9)
    ledger.expire(at=day(11), limit=10)
    assert history(account)[2:] == [("expire", -40)]
    assert buckets(account, on=11) == (0, 0, 60, 0)
    assert ledger.capture(hold=held.id, at=day(30)).points == 60


def test_rule_5_released_points_that_lapsed_meanwhile_have_the_grace_once_more(account):
    earn(account, 100, until=10)
    held = hold(account, 60, on=9)
    ledger.release(hold=held.id, at=day(12))
    lot = Lot.objects.latest("id")
    assert (lot.points, lot.earned_at, lot.expires_at, lot.origin.expires_at) == (60, T0, day(19), day(10))
    assert history(account)[2:] == [("expire", -40), ("release", 60)]


def test_rule_8_a_partial_capture_releases_what_lapsed_meanwhile_with_the_grace(account):
    earn(account, 30, key="a", until=10)
    earn(account, 30, key="b", until=60)
    held = hold(account, 60, on=9)
    ledger.capture(hold=held.id, at=day(12), points=20)
    assert ledger.balance(account=account, at=day(12)).lapsing == [(day(19), 10), (day(60), 30)]


def test_rule_4_a_clock_that_runs_backwards_by_a_second_neither_revives_nor_refuses(account):
    second = timedelta(seconds=1)
    earn(account, 10, key="a", until=10)
    earn(account, 20, key="b", until=60)
    spend(account, 5, on=10)
    late = ledger.spend(account=account, points=20 - 5, key="s", source="o", at=day(10) - second)
    assert late.occurred_at == day(10) - second
    assert history(account)[2:] == [("expire", -10), ("spend", -5), ("spend", -15)]
    with pytest.raises(ledger.InsufficientPoints) as refusal:
        ledger.spend(account=account, points=1, key="t", source="o", at=day(10) - second)
    assert refusal.value.facts["available"] == 0
    assert Entry.objects.get(kind="expire").occurred_at == day(10)


def test_rule_4_expiry_at_the_end_of_a_month_or_year_is_computed_in_shanghai(account):
    new_year_in_shanghai = datetime(2026, 12, 31, 16, tzinfo=UTC)
    assert month_end(date(2026, 12, 5)) == new_year_in_shanghai
    ledger.earn(account=account, points=10, key="a", source="s", at=T0, expires_at=month_end(date(2026, 12, 5)))
    last = new_year_in_shanghai - timedelta(microseconds=1)
    assert ledger.balance(account=account, at=last).spendable == 10
    assert ledger.balance(account=account, at=new_year_in_shanghai).spendable == 0
    assert local_date(last) == date(2026, 12, 31)


def test_rule_4_what_is_earned_on_29_february_lapses_at_the_end_of_a_february_that_has_none(account):
    earned_at = datetime(2028, 2, 29, 15, 59, tzinfo=UTC)
    expires_at = month_end(add_months(local_date(earned_at), 12))
    assert expires_at == datetime(2029, 2, 28, 16, tzinfo=UTC)
    ledger.earn(account=account, points=10, key="a", source="s", at=earned_at, expires_at=expires_at)
    assert ledger.balance(account=account, at=expires_at - timedelta(seconds=1)).spendable == 10
    assert ledger.balance(account=account, at=expires_at).spendable == 0


def test_rule_4_a_lot_lives_through_29_february(account):
    expires_at = month_end(date(2028, 2, 1))
    assert expires_at == datetime(2028, 2, 29, 16, tzinfo=UTC)
    ledger.earn(account=account, points=10, key="a", source="s", at=T0, expires_at=expires_at)
    assert ledger.balance(account=account, at=datetime(2028, 2, 29, 15, 59, 59, tzinfo=UTC)).spendable == 10
    assert ledger.balance(account=account, at=expires_at).spendable == 0
