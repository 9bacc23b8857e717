"""Balance and first statement page of an account with 100,000 entries, next to one with 10."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from statistics import median

from django.db import transaction
from django.utils import timezone

from bench.figures import Figure
from bench.ledger_load import settle
from points import ledger
from points.selectors.entries import entries

_TIMES = 300


def measure() -> Iterator[Figure]:
    """balance_long and statement_long in milliseconds; the limit is the short account's."""
    short, long = _account(10), _account(100_000)
    settle()
    at = timezone.now()
    reads: dict[str, Callable[[int], object]] = {
        "balance_long": lambda account: ledger.balance(account=account, at=at),
        "statement_long": lambda account: entries(account=account, direction="all", before=None, limit=20),
    }
    for name, read in reads.items():
        value, limit = _milliseconds(read, long, short)
        yield Figure(name=name, value=value, unit="ms", limit=limit, wanted=1.5, at_most=True)


def _account(count: int) -> int:
    """An account with that many entries, at most ten of them spends, with five lots left."""
    at = timezone.now()
    spent, chunk = min(10, count // 2), 5_000
    earned = count - spent
    with transaction.atomic():
        account = ledger.open_account(asset="points")
        for start in range(0, earned, chunk):
            ledger.post_many(
                [
                    ledger.Posting(
                        account=account,
                        points=10,
                        key=f"earn:{number}",
                        source="bench",
                        at=at,
                        expires_at=at + timedelta(days=300 + number % 12),
                    )
                    for number in range(start, min(earned, start + chunk))
                ]
            )
    with transaction.atomic():
        points = max(1, (earned - 5) * 10 // spent)
        for number in range(spent):
            ledger.spend(account=account, points=points, key=f"spend:{number}", source="bench", at=at)
    return account


def _milliseconds(read: Callable[[int], object], *accounts: int) -> list[float]:
    """Median of many reads of each; they take turns, so that a slow moment of the machine is everybody's."""
    seconds: dict[int, list[float]] = {account: [] for account in accounts}
    for account in accounts * _TIMES:
        began = time.perf_counter()
        read(account)
        seconds[account].append(time.perf_counter() - began)
    return [median(seconds[account]) * 1000 for account in accounts]
