"""Batches of the ledger: `post_many` and `expire` in chunks of 5,000, with 1 and with 4 million lots in the tables.

The limit is physical: the same rows written by plain SQL, chunk by chunk, into small tables with the same columns,
indexes and CHECKs, but without foreign keys and triggers. The aims are absolute (7,000 entries/s, 10,000 lots/s) and
are printed as a share of that limit. Growth compares the fastest chunks, so that what else the machine does isn't
counted.
"""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.db import connection, transaction

from bench import ledger_load, ledger_pages, ledger_twins
from bench.figures import Figure
from points import ledger

_CHUNK, _CHUNKS = 5_000, 14
_SIZES = (1_000_000, 4_000_000)
_AIMS = {"post_many": 7_000, "expire": 10_000}
_UNITS = {"post_many": "entries/s", "expire": "lots/s"}


@dataclass(frozen=True, kw_only=True)
class Run:
    """How a batch went: seconds of each chunk, and megabytes of client and server together before, half-way, after."""

    seconds: Sequence[float]
    megabytes: tuple[float, float, float]

    @property
    def rate(self) -> float:
        """Rows per second over the whole run."""
        return _CHUNK * len(self.seconds) / sum(self.seconds)


def measure() -> Iterator[Figure]:
    """post_many and expire with their limits, memory and growth; balance and statement of a long account."""
    runs: dict[str, list[Run]] = {"post_many": [], "expire": []}
    limits: dict[str, float] = {}
    loaded = 0
    for size in _SIZES:
        ledger_load.load(first=loaded, last=size)
        loaded = size
        runs["post_many"].append(_timed(_postings(size)))
        runs["expire"].append(_timed(_expiry()))
        limits = limits or {name: ledger_twins.rate(name, chunk=_CHUNK, chunks=_CHUNKS) for name in runs}
    for name, (small, large) in runs.items():
        wanted = round(_AIMS[name] / limits[name], 3)
        yield Figure(name=name, value=small.rate, unit=_UNITS[name], limit=limits[name], wanted=wanted)
        yield from _memory(name, small)
        yield Figure(
            name=f"{name}_4m",
            value=min(large.seconds) / _CHUNK * 1e6,
            unit="µs/row",
            limit=min(small.seconds) / _CHUNK * 1e6,
            wanted=1.5,
            at_most=True,
        )
    yield from ledger_pages.measure()


def _memory(name: str, run: Run) -> Iterator[Figure]:
    start, middle, end = run.megabytes
    for word, value in (("mid", middle), ("end", end)):
        yield Figure(name=f"{name}_memory_{word}", value=value, unit="MB", limit=start, wanted=1.1, at_most=True)


def _timed(chunks: Iterator[Callable[[], None]]) -> Run:
    """Run each chunk in a transaction of its own; the first warms caches and isn't counted."""
    next(chunks)()
    seconds, megabytes = [], [_megabytes()]
    for number, chunk in enumerate(chunks, start=1):
        began = time.monotonic()
        with transaction.atomic(durable=True):
            chunk()
        seconds.append(time.monotonic() - began)
        if number in {_CHUNKS // 2, _CHUNKS}:
            megabytes.append(_megabytes())
    return Run(seconds=seconds, megabytes=(megabytes[0], megabytes[1], megabytes[2]))


def _postings(size: int) -> Iterator[Callable[[], None]]:
    """One more chunk than is counted, each to accounts picked at random."""
    dice = random.Random(size)  # noqa: S311
    accounts = range(1, size // ledger_load.LOTS_PER_ACCOUNT + 1)
    at = ledger_load.FIRST_MONTH_END - timedelta(days=1)
    for number in range(_CHUNKS + 1):
        postings = [
            ledger.Posting(
                account=account,
                points=10,
                key=f"bench:{size}:{number}",
                source="bench",
                at=at,
                expires_at=at + timedelta(days=500),
            )
            for account in dice.sample(accounts, _CHUNK)
        ]
        yield lambda postings=postings: _posted(postings)  # type: ignore[misc]


def _posted(postings: Sequence[ledger.Posting]) -> None:
    with transaction.atomic():
        ledger.post_many(postings)


def _expiry() -> Iterator[Callable[[], None]]:
    """One more chunk than is counted, of the lots that lapse soonest."""
    for _ in range(_CHUNKS + 1):
        yield _expired


def _expired() -> None:
    with transaction.atomic():
        report = ledger.expire(at=ledger_load.FIRST_MONTH_END + timedelta(days=20), limit=_CHUNK)
    if report.lots != _CHUNK:
        raise RuntimeError(f"only {report.lots} lots were due")


def _megabytes() -> float:
    """What this process and its server process hold for themselves; of this one alone when the server is elsewhere."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pids = ["self", str(cursor.fetchone()[0])]
    texts = [path.read_text() for path in (Path("/proc") / pid / "status" for pid in pids) if path.exists()]
    return sum(int(text.split("RssAnon:")[1].split()[0]) for text in texts) / 1024
