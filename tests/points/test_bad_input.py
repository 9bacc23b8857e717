"""Every wrong value is refused with its own error, and the transaction lives on."""

from datetime import datetime, timedelta

import pytest

from points import ledger

from .conftest import T0, day, earn, history, hold, spend


@pytest.mark.parametrize("points", [0, -1, -100, 10**12 + 1, 2**63, 10**40, -(10**40)])
def test_points_that_no_posting_may_carry_are_refused(account, points):
    earn(account, 10, key="first")
    attempts = [
        lambda: earn(account, points, key="k"),
        lambda: spend(account, points, key="k"),
        lambda: hold(account, points, key="k"),
        lambda: ledger.post_many([ledger.Posting(account=account, points=points, key="k", source="s", at=T0)]),
    ]
    for attempt in attempts:
        with pytest.raises(ledger.InvalidAmount):
            attempt()
    assert history(account) == [("earn", 10)]


def test_a_reversal_of_nothing_or_less_is_refused(account):
    earned = earn(account, 10)
    for points in (0, -5):
        with pytest.raises(ledger.InvalidAmount):
            ledger.reverse(entry=earned.id, key="r", at=day(1), points=points)
    with pytest.raises(ledger.InvalidAmount):
        ledger.adjust(account=account, points=0, key="a", at=T0, operator="staff:1", reason="none")


def test_a_capture_of_nothing_or_of_more_than_the_hold_is_refused(account):
    earn(account, 100)
    held = hold(account, 30)
    with pytest.raises(ledger.InvalidAmount):
        ledger.capture(hold=held.id, at=day(2), points=0)
    with pytest.raises(ledger.InsufficientPoints) as refusal:
        ledger.capture(hold=held.id, at=day(2), points=31)
    assert refusal.value.facts == {"available": 30, "requested": 31}


@pytest.mark.parametrize("key", ["", "k" * 201, "nul\0inside"])
def test_a_key_that_cannot_be_stored_is_refused(account, key):
    for attempt in (
        lambda: ledger.earn(account=account, points=5, key=key, source="s", at=T0),
        lambda: ledger.post_many([ledger.Posting(account=account, points=5, key=key, source="s", at=T0)]),
    ):
        with pytest.raises(ledger.InvalidKey):
            attempt()
    assert earn(account, 5, key="k" * 200).points == 5


def test_a_source_or_reason_that_cannot_be_stored_is_refused(account):
    for source, reason in (("s" * 201, None), ("s", "r" * 65), ("nul\0", None), ("s", "nul\0")):
        with pytest.raises(ledger.InvalidSource):
            ledger.earn(account=account, points=5, key="k", source=source, at=T0, reason=reason)
    assert history(account) == []


def test_points_cannot_expire_before_they_are_earned(account):
    for until in (0, -1):
        with pytest.raises(ledger.InvalidExpiry):
            earn(account, 5, on=0, until=until)


def test_what_does_not_exist_is_refused(account):
    attempts = {
        ledger.AccountNotFound: [
            lambda: earn(-1, 5),
            lambda: spend(-1, 5),
            lambda: hold(-1, 5),
            lambda: ledger.balance(account=-1, at=T0),
            lambda: ledger.balance_as_of(account=-1, at=T0),
        ],
        ledger.EntryNotFound: [lambda: ledger.reverse(entry=-1, key="r", at=T0)],
        ledger.HoldNotFound: [lambda: ledger.capture(hold=-1, at=T0), lambda: ledger.release(hold=-1, at=T0)],
    }
    for refusal, calls in attempts.items():
        for call in calls:
            with pytest.raises(refusal) as raised:
                call()
            assert raised.value.http_status == 404


def test_a_naive_time_is_a_programming_error(account):
    with pytest.raises(ValueError, match="aware"):
        ledger.spend(account=account, points=5, key="k", source="s", at=datetime(2026, 3, 1) + timedelta(0))  # noqa: DTZ001
