"""Small facts that processes leave for one another in Redis: when beat last lived, how often tasks ran.

Plain Redis with short timeouts: a probe must not wait for a server that is gone, and a tally needs no transaction.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import redis
from django.conf import settings

_SECONDS = 2.0


class Tally(NamedTuple):
    """How often a task ended in that way, and how long that took in all."""

    task: str
    outcome: str
    runs: int
    seconds: float


def note(name: str, value: float) -> None:
    """Leave a number under that name."""
    _client(settings.REDIS_URL).set(_key(name), value)


def read(name: str) -> float | None:
    """The number left under that name. Raises redis.RedisError when nobody answers."""
    text = _client(settings.REDIS_URL).get(_key(name))
    return float(text) if isinstance(text, bytes) else None


def count_run(*, task: str, outcome: str, seconds: float) -> None:
    """Add one run of a task to its tally."""
    pipe = _client(settings.REDIS_URL).pipeline(transaction=False)
    pipe.hincrby(_key("task-runs"), f"{task} {outcome}", 1)
    pipe.hincrbyfloat(_key("task-seconds"), f"{task} {outcome}", seconds)
    pipe.execute()


def tallies() -> Iterator[Tally]:
    """Every tally, by task and outcome. Raises redis.RedisError when nobody answers."""
    pipe = _client(settings.REDIS_URL).pipeline(transaction=False)
    pipe.hgetall(_key("task-runs"))
    pipe.hgetall(_key("task-seconds"))
    runs, seconds = pipe.execute()
    for name in sorted(runs):
        task, _, outcome = name.decode().rpartition(" ")
        yield Tally(task=task, outcome=outcome, runs=int(runs[name]), seconds=float(seconds.get(name, 0)))


def _key(name: str) -> str:
    return f"{settings.CACHES['default']['KEY_PREFIX']}:operations:{name}"


@lru_cache(maxsize=2)
def _client(url: str) -> "redis.Redis":
    return redis.Redis.from_url(url, socket_timeout=_SECONDS, socket_connect_timeout=_SECONDS)
