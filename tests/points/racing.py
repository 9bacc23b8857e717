"""Jobs in real threads on real transactions, and the kernel's functions without their lock, to show what it is for."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from typing import Any

from django.db import connection, transaction

from config.core.db import fetch_all
from points import ledger

from .conftest import earn

THREADS = (2, 8, 32)
Job = Callable[[], Any]

# Wait until somebody else waits here as well, at most 1 s: both have then read before either has written.
_UNTIL_TWO = """FOR turn IN 1..50 LOOP
    PERFORM pg_sleep(0.02), pg_stat_clear_snapshot();
    EXIT WHEN EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database()
        AND pid <> pg_backend_pid() AND wait_event = 'PgSleep');
END LOOP;
"""
_LOCKS = (" FOR NO KEY UPDATE OF a;", " FOR NO KEY UPDATE NOWAIT;", " FOR NO KEY UPDATE;")


def in_threads(jobs: Sequence[Job], *, threads: int) -> list[Any]:
    """Results (or exceptions) of the jobs, each in a transaction of its own, `threads` at a time, started together."""
    together = Barrier(min(threads, len(jobs)))

    def run(place: int, job: Job) -> Any:
        try:
            if place < threads:
                together.wait(timeout=60)
            with transaction.atomic():
                return job()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(run, range(len(jobs)), jobs))


def accounts_of(count: int, *, points: int, lots: int = 1, lapsing: bool = False) -> list[int]:
    """Accounts with so many points each, in so many lots that lapse from day 30 on (or at day 5: `lapsing`)."""
    with transaction.atomic():
        opened = ledger.open_accounts(asset="points", count=count)
        for account in opened:
            for lot in range(lots):
                earn(account, points // lots, key=f"lot{lot}", until=5 if lapsing else 30 + lot)
    return opened


def of_kind(results: Sequence[Any], kind: type) -> int:
    """How many of the results are of that type."""
    return sum(isinstance(result, kind) for result in results)


@contextmanager
def without_lock(*functions: str, pause_before: str = "", pause: str = _UNTIL_TWO) -> Iterator[None]:
    """The same functions of the kernel, reading without a lock and giving others time to read the same meanwhile.

    They pause where the lock was, or before that text, where they have read what they decide on.
    """
    written = {
        name: fetch_all("SELECT pg_get_functiondef(%(name)s::regproc)", {"name": name})[0][0] for name in functions
    }
    for definition in written.values():
        unlocked = definition.replace(pause_before, pause + pause_before, 1) if pause_before else definition
        for lock in _LOCKS:
            unlocked = unlocked.replace(lock, ";" if pause_before else f";\n{pause}")
        assert unlocked != definition, "there was a lock to take out"
        _execute(unlocked)
    try:
        yield
    finally:
        for definition in written.values():
            _execute(definition)


def _execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
