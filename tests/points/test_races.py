"""2, 8 and 32 threads on one account and on several. Each race has a control: the fault that shows without the lock."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from config.core.db import fetch_all
from points import ledger
from points.models import Account, Entry

from .conftest import day, earn
from .racing import THREADS, Job, accounts_of, in_threads, of_kind, without_lock

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def spends(account: int, count: int, points: int) -> list[Job]:
    """Jobs that spend so many points each."""
    return [
        lambda n=n: ledger.spend(account=account, points=points, key=f"s{n}", source="order:1", at=day(1))
        for n in range(count)
    ]


def faults(results: list[Any]) -> list[Any]:
    """What went wrong that a lock prevents: errors that are no refusals, and sums that don't hold."""
    return [
        result for result in results if isinstance(result, Exception) and not hasattr(result, "code")
    ] + ledger.audit()


@pytest.mark.parametrize("threads", THREADS)
def test_rule_10_two_hundred_concurrent_spends_never_overdraw(threads):
    (account,) = accounts_of(1, points=100, lots=10)
    results = in_threads(spends(account, 200, 3), threads=threads)
    assert of_kind(results, ledger.Entry) == 33
    assert of_kind(results, ledger.InsufficientPoints) == 167
    assert Account.objects.get(pk=account).spendable == 1
    assert ledger.audit() == []


def test_rule_10_control_without_the_lock_the_sums_break_or_a_constraint_stops_it():
    (account,) = accounts_of(1, points=100, lots=10)
    with without_lock("ledger_debit"):
        results = in_threads(spends(account, 64, 3), threads=8)
    assert faults(results), "without the lock the race must show"


def restores(account: int, count: int) -> list[Job]:
    """Jobs that each want to restore 30 of the same spend of 40."""
    with transaction.atomic():
        spent = ledger.spend(account=account, points=40, key="spent", source="order:1", at=day(1))
    return [lambda n=n: ledger.reverse(entry=spent.id, key=f"r{n}", at=day(2), points=30) for n in range(count)]


def clawbacks(account: int, count: int) -> list[Job]:
    """Jobs that each want to take back 30 of the same earn of 40."""
    with transaction.atomic():
        earned = earn(account, 40, key="mine")
    return [lambda n=n: ledger.reverse(entry=earned.id, key=f"c{n}", at=day(2), points=30) for n in range(count)]


@pytest.mark.parametrize("reversals", [restores, clawbacks])
@pytest.mark.parametrize("threads", THREADS)
def test_one_entry_is_reversed_once_by_many_at_once(threads, reversals):
    (account,) = accounts_of(1, points=100, lots=10)
    results = in_threads(reversals(account, 32), threads=threads)
    assert of_kind(results, ledger.Entry) == 1
    assert of_kind(results, ledger.ReversalTooLarge) == 31
    assert ledger.audit() == []


@pytest.mark.parametrize("reversals", [restores, clawbacks])
def test_control_without_the_lock_one_entry_is_reversed_twice_or_a_trigger_stops_it(reversals):
    (account,) = accounts_of(1, points=100, lots=10)
    jobs = reversals(account, 8)
    with without_lock(
        "ledger_survivor", "ledger_reverse", pause_before="    IF acc.closed_at IS NOT NULL THEN\n        e :="
    ):
        results = in_threads(jobs, threads=8)
    assert faults(results), "without the lock the race must show"


def expiries(count: int) -> list[Job]:
    """Jobs that each book up to 7 lots that lapsed."""
    return [lambda: ledger.expire(at=day(9), limit=7)] * count


@pytest.mark.parametrize("threads", THREADS)
def test_every_lot_expires_once_however_many_jobs_run(threads):
    accounts = accounts_of(10, points=40, lots=4, lapsing=True)
    results = in_threads(expiries(32), threads=threads)
    assert sum(report.lots for report in results) <= 40
    while ledger.expire.__wrapped__(at=day(9), limit=100).lots:
        pass
    gone = Entry.objects.filter(kind="expire").values_list("account", "spendable")
    assert sum(spendable for _, spendable in gone) == -400
    assert {account for account, _ in gone} == set(accounts)
    assert ledger.audit() == []


def test_control_without_the_lock_lots_expire_twice_or_a_constraint_stops_it():
    accounts_of(10, points=40, lots=4, lapsing=True)
    pause = " AND (SELECT pg_sleep(0.05))::text IS NOT NULL"
    with without_lock("ledger_expire", pause_before="\n    ), moments AS MATERIALIZED", pause=pause):
        results = in_threads(expiries(8), threads=8)
    assert faults(results), "without the lock the race must show"


def holds(account: int, count: int) -> list[Job]:
    """Jobs that each set 30 points aside."""
    return [
        lambda n=n: ledger.hold(account=account, points=30, key=f"h{n}", source="order:1", until=day(3), at=day(1))
        for n in range(count)
    ]


@pytest.mark.parametrize("threads", THREADS)
def test_holds_never_set_more_aside_than_there_is(threads):
    (account,) = accounts_of(1, points=100, lots=10)
    results = in_threads(holds(account, 32), threads=threads)
    assert of_kind(results, ledger.Hold) == 3
    row = Account.objects.get(pk=account)
    assert (row.spendable, row.held) == (10, 90)
    assert ledger.audit() == []


def test_control_without_the_lock_holds_set_aside_what_is_not_there():
    (account,) = accounts_of(1, points=100, lots=10)
    with without_lock("ledger_debit"):
        results = in_threads(holds(account, 16), threads=8)
    assert faults(results), "without the lock the race must show"


def endings_of_a_hold(account: int, count: int) -> list[Job]:
    """Jobs that capture and release one hold in turn."""
    with transaction.atomic():
        held = ledger.hold(account=account, points=50, key="h", source="order:1", until=day(2), at=day(1))
    capture: Job = lambda: ledger.capture(hold=held.id, at=day(2))  # noqa: E731
    release: Job = lambda: ledger.release(hold=held.id, at=day(2))  # noqa: E731
    return [capture, release] * (count // 2)


@pytest.mark.parametrize("threads", THREADS)
def test_a_hold_is_captured_or_released_never_both(threads):
    (account,) = accounts_of(1, points=100, lots=10)
    results = in_threads(endings_of_a_hold(account, 32), threads=threads)
    kinds = {result.kind for result in results if isinstance(result, ledger.Entry)}
    assert kinds in ({"capture"}, {"release"})
    assert of_kind(results, ledger.HoldClosed) == 16
    assert Entry.objects.filter(account=account, kind__in=["capture", "release"]).count() == 1
    assert ledger.audit() == []


def test_control_without_the_lock_a_hold_ends_twice():
    (account,) = accounts_of(1, points=100, lots=10)
    jobs = endings_of_a_hold(account, 8)
    with without_lock("ledger_capture", "ledger_release", pause_before="    SELECT source INTO v_source"):
        results = in_threads(jobs, threads=8)
    assert faults(results), "without the lock the race must show"


def confirmations(account: int, count: int) -> list[Job]:
    """Jobs that confirm one pending earn, and every other that takes a point of it back."""
    with transaction.atomic():
        earned = ledger.earn(account=account, points=99, key="p", source="s", at=day(1), pending=True)
    confirm: Job = lambda: ledger.confirm(entry=earned.id, at=day(2))  # noqa: E731
    return [
        (lambda n=n: ledger.reverse(entry=earned.id, key=f"r{n}", at=day(2), points=1)) if n % 2 else confirm
        for n in range(count)
    ]


@pytest.mark.parametrize("threads", THREADS)
def test_a_pending_earn_is_confirmed_once_while_it_is_taken_back(threads):
    (account,) = accounts_of(1, points=100, lots=10)
    results = in_threads(confirmations(account, 32), threads=threads)
    assert of_kind(results, ledger.Entry) == 32
    assert len({result.id for result in results if result.kind == "confirm"}) == 1
    row = Account.objects.get(pk=account)
    assert (row.spendable, row.pending) == (100 + 99 - 16, 0)
    assert ledger.audit() == []


def test_control_without_the_lock_a_pending_earn_is_confirmed_twice_or_a_constraint_stops_it():
    (account,) = accounts_of(1, points=100, lots=10)
    jobs = confirmations(account, 8)
    with without_lock("ledger_survivor", "ledger_confirm", pause_before="    v_now := greatest(p_at"):
        results = in_threads(jobs, threads=8)
    assert faults(results), "without the lock the race must show"


@pytest.mark.parametrize("threads", THREADS)
def test_one_key_posted_by_many_at_once_is_one_entry(threads):
    (account,) = accounts_of(1, points=100)
    same: Job = lambda: ledger.spend(account=account, points=60, key="once", source="o", at=day(1))  # noqa: E731
    results = in_threads([same] * 40, threads=threads)
    assert len({result.id for result in results}) == 1
    assert Account.objects.get(pk=account).spendable == 40


def test_control_without_the_lock_one_key_is_stopped_by_its_constraint_alone():
    (account,) = accounts_of(1, points=100)
    same: Job = lambda: ledger.spend(account=account, points=40, key="once", source="o", at=day(1))  # noqa: E731
    with without_lock("ledger_debit", pause_before="    IF e.id IS NOT NULL THEN"):
        results = in_threads([same] * 8, threads=8)
    assert of_kind(results, IntegrityError) > 0
    assert fetch_all("SELECT count(*) FROM points_entry WHERE key = 'once'", {}) == [(1,)]


def test_the_constraint_is_the_second_net():
    (account,) = accounts_of(1, points=100)
    with pytest.raises(IntegrityError, match="points_account_spendable_not_negative"), transaction.atomic():
        Account.objects.filter(pk=account).update(spendable=-1)
    assert connection.in_atomic_block is False
