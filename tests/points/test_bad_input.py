"""Every wrong value is refused with its own error, and the transaction lives on."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from config.core.db import fetch_all
from config.core.errors import DomainError
from points import ledger
from points.models import Account, Entry, Lot

from .conftest import T0, day, earn, history, hold, spend

# What clients have been told to look for: a code that is here stays.
CODES = {
    "AccountClosed": "account_closed",
    "AccountNotFound": "account_not_found",
    "AlreadyReversed": "already_reversed",
    "EntryNotFound": "entry_not_found",
    "HoldClosed": "hold_closed",
    "HoldNotFound": "hold_not_found",
    "HoldOpen": "hold_open",
    "InsufficientPoints": "insufficient_points",
    "InvalidAmount": "invalid_amount",
    "InvalidExpiry": "invalid_expiry",
    "InvalidKey": "invalid_key",
    "InvalidMerge": "invalid_merge",
    "InvalidSource": "invalid_source",
    "KeyReused": "key_reused",
    "NotPending": "not_pending",
    "NotReversible": "not_reversible",
    "NotSpendable": "not_spendable",
    "ReversalTooLarge": "reversal_too_large",
}


def written() -> list[object]:
    """Every row of the ledger, as it is."""
    tables = ("account", "entry", "lot", "draw", "hold")
    return [fetch_all(f"SELECT * FROM points_{table} ORDER BY id", {}) for table in tables]


def every_verb(account: int, points: Any) -> list[Callable[[], Any]]:
    """Each verb that takes points, asked for these points of an account that has an entry, a pending one and a hold."""
    earned = earn(account, 40, key="first")
    waiting = ledger.earn(account=account, points=30, key="waiting", source="s", at=T0, pending=True)
    held = hold(account, 10)
    return [
        lambda: earn(account, points, key="k"),
        lambda: ledger.earn(account=account, points=points, key="k", source="s", at=T0, pending=True),
        lambda: spend(account, points, key="k"),
        lambda: hold(account, points, key="k"),
        lambda: ledger.adjust(account=account, points=points, key="k", at=T0, operator="staff:1", reason="r"),
        lambda: ledger.reverse(entry=earned.id, key="k", at=day(2), points=points),
        lambda: ledger.reverse(entry=waiting.id, key="k", at=day(2), points=points),
        lambda: ledger.capture(hold=held.id, at=day(2), points=points),
        lambda: ledger.post_many([ledger.Posting(account=account, points=points, key="k", source="s", at=T0)]),
    ]


@pytest.mark.parametrize("points", [1.5, 2.0, Decimal("1.5"), Decimal(2), True, "2", "two", [2], float("nan")])
def test_points_that_are_not_a_whole_number_are_refused_by_every_verb_and_nothing_is_written(account, points):
    attempts = every_verb(account, points)
    before = written()
    for attempt in attempts:
        with pytest.raises(ledger.InvalidAmount) as refusal:
            attempt()
        assert (refusal.value.code, refusal.value.http_status) == ("invalid_amount", 400)
    assert written() == before


@pytest.mark.parametrize("points", [0, -100, -(10**12) - 1, -(10**40), 10**12 + 1, 2**63, 10**40])
def test_nothing_less_and_huge_points_are_refused_by_every_verb_and_nothing_is_written(account, points):
    attempts = every_verb(account, points)
    before = written()
    told = []
    for attempt in attempts:
        with pytest.raises(DomainError) as refusal:
            attempt()
        told.append(refusal.value.code)
    of_capture = "insufficient_points" if points > 0 else "invalid_amount"
    of_adjust = "insufficient_points" if points == -100 else "invalid_amount"  # an adjustment may take points
    assert told == [*["invalid_amount"] * 4, of_adjust, *["invalid_amount"] * 2, of_capture, "invalid_amount"]
    assert written() == before


def test_a_trillion_is_the_most_that_one_posting_carries(account):
    assert earn(account, 10**12, key="most").spendable_after == 10**12
    assert spend(account, 10**12, key="all").spendable_after == 0


def test_a_used_key_is_told_before_the_wrong_points(account):
    earn(account, 40, key="k")
    for points in (0, -1, 1.5, True, 10**40):
        with pytest.raises(ledger.KeyReused):
            earn(account, points, key="k")


def test_an_expiry_not_after_its_own_time_is_refused_by_every_verb_that_takes_one(account):
    waiting = ledger.earn(account=account, points=30, key="waiting", source="s", at=T0, pending=True)
    for until in (T0, T0 - timedelta(microseconds=1), T0 - timedelta(days=400)):
        same = {"account": account, "points": 5, "key": "k", "at": T0, "expires_at": until}
        attempts: list[Callable[[], Any]] = [
            lambda same=same: ledger.earn(source="s", **same),
            lambda same=same: ledger.earn(source="s", pending=True, **same),
            lambda same=same: ledger.adjust(operator="staff:1", reason="r", **same),
            lambda same=same: ledger.post_many([ledger.Posting(source="s", **same)]),
            lambda until=until: ledger.confirm(entry=waiting.id, at=T0, expires_at=until),
        ]
        before = written()
        for attempt in attempts:
            with pytest.raises(ledger.InvalidExpiry) as refusal:
                attempt()
            assert refusal.value.code == "invalid_expiry"
        assert written() == before


def test_a_closed_account_is_refused_whatever_else_is_wrong(account):
    ledger.close_account(account=account, at=T0)
    for points in (5, 0, -3, 10**40):
        with pytest.raises(ledger.AccountClosed) as refusal:
            earn(account, points, key="k")
        assert refusal.value.facts == {"account": account, "merged_into": None}
    assert history(account) == [("close", 0)]


def test_a_clock_that_runs_backwards_by_a_second_is_accepted_and_decides_lapses_by_the_latest_business(account):
    earn(account, 10, key="a", on=0, until=10)
    earn(account, 20, key="b", on=10)
    late = ledger.earn(account=account, points=1, key="c", source="s", at=day(10) - timedelta(seconds=1))
    assert late.occurred_at == day(10) - timedelta(seconds=1)
    with pytest.raises(ledger.InsufficientPoints) as refusal:
        ledger.spend(account=account, points=22, key="d", source="s", at=day(10) - timedelta(seconds=1))
    assert refusal.value.facts == {"available": 21, "requested": 22}
    assert Account.objects.get(pk=account).latest_at == day(10)
    assert history(account) == [("earn", 10), ("earn", 20), ("earn", 1)]


def test_every_refusal_has_a_code_of_its_own_and_is_a_domain_error():
    refusals = [value for name, value in vars(ledger).items() if isinstance(value, type) and name[0].isupper()]
    errors = [refusal for refusal in refusals if issubclass(refusal, DomainError)]
    assert {error.__name__: error.code for error in errors} == CODES
    assert len(set(CODES.values())) == len(CODES)


def test_a_refusal_of_a_batch_writes_nothing_for_anyone(account, other):
    good = ledger.Posting(account=other, points=5, key="k", source="s", at=T0)
    with pytest.raises(ledger.InvalidAmount) as refusal:
        ledger.post_many([good, ledger.Posting(account=account, points=1.5, key="k", source="s", at=T0)])
    assert refusal.value.facts["index"] == 1
    assert (Entry.objects.count(), Lot.objects.count()) == (0, 0)


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


@pytest.mark.parametrize("key", ["", "k" * 201, "长" * 201, "nul\0inside", None, 7])
def test_a_key_that_cannot_be_stored_is_refused(account, other, key):
    earned = earn(account, 9, key="mine")
    for attempt in (
        lambda: ledger.earn(account=account, points=5, key=key, source="s", at=T0),
        lambda: ledger.spend(account=account, points=5, key=key, source="s", at=T0),
        lambda: hold(account, 5, key=key),
        lambda: ledger.adjust(account=account, points=5, key=key, at=T0, operator="staff:1", reason="r"),
        lambda: ledger.reverse(entry=earned.id, key=key, at=T0),
        lambda: ledger.merge(source=account, target=other, key=key, at=T0),
        lambda: ledger.post_many([ledger.Posting(account=account, points=5, key=key, source="s", at=T0)]),
    ):
        before = written()
        with pytest.raises(ledger.InvalidKey):
            attempt()
        assert written() == before
    assert history(account) == [("earn", 9)]
    assert earn(account, 5, key="长" * 200).points == 5


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
            lambda: ledger.close_account(account=-1, at=T0),
            lambda: ledger.merge(source=-1, target=account, key="m", at=T0),
            lambda: ledger.adjust(account=-1, points=5, key="a", at=T0, operator="staff:1", reason="r"),
            lambda: ledger.post_many([ledger.Posting(account=-1, points=5, key="k", source="s", at=T0)]),
            lambda: ledger.lock(accounts=[account, -1]),
        ],
        ledger.EntryNotFound: [
            lambda: ledger.reverse(entry=-1, key="r", at=T0),
            lambda: ledger.confirm(entry=-1, at=T0),
        ],
        ledger.HoldNotFound: [lambda: ledger.capture(hold=-1, at=T0), lambda: ledger.release(hold=-1, at=T0)],
    }
    before = written()
    for refusal, calls in attempts.items():
        for call in calls:
            with pytest.raises(refusal) as raised:
                call()
            assert raised.value.http_status == 404
    assert written() == before


def test_a_naive_time_is_a_programming_error(account):
    with pytest.raises(ValueError, match="aware"):
        ledger.spend(account=account, points=5, key="k", source="s", at=datetime(2026, 3, 1) + timedelta(0))  # noqa: DTZ001
