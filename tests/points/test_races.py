"""Real threads on real transactions. Each race has a control that shows the fault when the lock is taken out."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from config.core.db import fetch_all
from points import ledger
from points.models import Account, Entry

from .conftest import T0, day, earn

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

THREADS = 20


def in_threads(jobs: list[Callable[[], Any]]) -> list[Any]:
    """Results (or exceptions) of the jobs, each in a transaction of its own, THREADS at a time, started together."""
    together = Barrier(min(THREADS, len(jobs)))

    def run(place: int, job: Callable[[], Any]) -> Any:
        try:
            if place < THREADS:
                together.wait(timeout=30)
            with transaction.atomic():
                return job()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(len(jobs)), jobs))


@pytest.fixture
def funded() -> int:
    """An account with 100 points in ten lots."""
    with transaction.atomic():
        account = ledger.open_account(asset="points")
        for n in range(10):
            earn(account, 10, key=f"lot{n}", until=30 + n)
    return account


@pytest.fixture
def without_lock() -> Iterator[None]:
    """The same spend, reading the account without locking it (and giving others time to do the same)."""
    ((definition,),) = fetch_all("SELECT pg_get_functiondef('ledger_debit'::regproc)", {})
    unlocked = definition.replace(" FOR NO KEY UPDATE;", ";\n    PERFORM pg_sleep(0.02);").replace(
        "FUNCTION public.ledger_debit(", "FUNCTION public.unlocked_debit("
    )
    assert unlocked.count("pg_sleep") == 1
    with connection.cursor() as cursor:
        cursor.execute(unlocked)
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION unlocked_debit")


def test_rule_10_two_hundred_concurrent_spends_never_overdraw(funded):
    def spend_of(n: int) -> Callable[[], Any]:
        return lambda: ledger.spend(account=funded, points=3, key=f"s{n}", source="order:1", at=day(1))

    results = in_threads([spend_of(n) for n in range(200)])
    assert sum(isinstance(result, ledger.Entry) for result in results) == 33
    assert sum(isinstance(result, ledger.InsufficientPoints) for result in results) == 167
    assert Account.objects.get(pk=funded).spendable == 1
    assert ledger.audit() == []


def test_rule_10_control_without_the_lock_the_sums_break_or_a_constraint_stops_it(funded, without_lock):
    def spend_of(n: int) -> Callable[[], Any]:
        return lambda: fetch_all(
            "SELECT (o).refusal FROM unlocked_debit('spend', %(account)s, 3, 3, 0, %(key)s, 's', %(at)s, '') AS o",
            {"account": funded, "key": f"s{n}", "at": day(1)},
        )

    results = in_threads([spend_of(n) for n in range(200)])
    stopped = [result for result in results if isinstance(result, Exception)]
    assert stopped or ledger.audit(), "without the lock the race must show"


def test_one_key_posted_by_many_at_once_is_one_entry(funded):
    def same() -> ledger.Entry:
        return ledger.spend(account=funded, points=60, key="once", source="order:1", at=day(1))

    results = in_threads([same] * 40)
    assert len({result.id for result in results}) == 1
    assert Account.objects.get(pk=funded).spendable == 40


def test_a_hold_is_captured_or_released_never_both(funded):
    with transaction.atomic():
        held = ledger.hold(account=funded, points=50, key="h", source="order:1", until=day(2), at=day(1))
    capture = lambda: ledger.capture(hold=held.id, at=day(2))  # noqa: E731
    release = lambda: ledger.release(hold=held.id, at=day(2))  # noqa: E731
    results = in_threads([capture, release] * 10)
    kinds = {result.kind for result in results if isinstance(result, ledger.Entry)}
    assert kinds in ({"capture"}, {"release"})
    assert sum(isinstance(result, ledger.HoldClosed) for result in results) == 10
    assert Entry.objects.filter(account=funded, kind__in=["capture", "release"]).count() == 1
    assert ledger.audit() == []


def test_one_earn_is_clawed_back_once_by_many_at_once(funded):
    with transaction.atomic():
        earned = earn(funded, 40, key="mine")

    def take(n: int) -> Callable[[], Any]:
        return lambda: ledger.reverse(entry=earned.id, key=f"r{n}", at=day(1), points=30)

    results = in_threads([take(n) for n in range(20)])
    assert sum(isinstance(result, ledger.Entry) for result in results) == 1
    assert sum(isinstance(result, ledger.ReversalTooLarge) for result in results) == 19


def two_accounts() -> tuple[int, int]:
    with transaction.atomic():
        one, two = ledger.open_accounts(asset="points", count=2)
        earn(one, 10_000)
        earn(two, 10_000)
    return one, two


def move(source: int, target: int, key: str) -> None:
    ledger.spend(account=source, points=1, key=key, source="move", at=day(1))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.01)")
    ledger.earn(account=target, points=1, key=key, source="move", at=day(1))


def test_rule_1_postings_to_two_accounts_locked_in_id_order_do_not_deadlock():
    one, two = two_accounts()

    def crossing(n: int) -> Callable[[], Any]:
        source, target = (one, two) if n % 2 else (two, one)

        def job() -> None:
            ledger.lock(accounts=[source, target])
            move(source, target, f"m{n}")

        return job

    results = in_threads([crossing(n) for n in range(40)])
    assert results == [None] * 40
    assert ledger.audit() == []


def test_rule_1_control_without_locking_first_the_two_deadlock():
    one, two = two_accounts()

    def crossing(n: int) -> Callable[[], Any]:
        return lambda: move(one, two, f"m{n}") if n % 2 else move(two, one, f"m{n}")

    results = in_threads([crossing(n) for n in range(20)])
    assert any("deadlock detected" in str(result) for result in results)


def test_batches_expiry_and_spends_meet_without_deadlock_or_loss():
    with transaction.atomic():
        accounts = ledger.open_accounts(asset="points", count=30)
        for account in accounts:
            earn(account, 50, key="lapsing", until=5)
            earn(account, 50, key="lasting")

    def batch(n: int) -> Callable[[], Any]:
        order = accounts if n % 2 else accounts[::-1]
        postings = [ledger.Posting(account=a, points=2, key=f"b{n}", source="s", at=T0) for a in order]
        return lambda: ledger.post_many(postings)

    def spending(n: int) -> Callable[[], Any]:
        return lambda: ledger.spend(account=accounts[n], points=1, key=f"s{n}", source="s", at=day(6))

    jobs = [batch(n) for n in range(10)] + [lambda: ledger.expire(at=day(7), limit=20)] * 5
    results = in_threads(jobs + [spending(n) for n in range(25)])
    assert [result for result in results if isinstance(result, Exception)] == []
    assert ledger.expire.__wrapped__(at=day(7), limit=1000).lots + Entry.objects.filter(kind="expire").count() >= 30
    assert ledger.audit() == []


def test_the_constraint_is_the_second_net(funded):
    with pytest.raises(IntegrityError, match="points_account_spendable_not_negative"), transaction.atomic():
        Account.objects.filter(pk=funded).update(spendable=-1)
