"""Counting in windows of time, across processes: how often somebody has done something since their window opened."""

from functools import lru_cache
from typing import Final, NamedTuple

import redis
from django.conf import settings

_PATIENCE_SECONDS: Final = 0.5  # a limit must not make everybody wait for a server that is gone


class Window(NamedTuple):
    """What happened in a window so far, this time included, and when it closes."""

    times: int
    seconds_left: int


def count_in_window(*, name: str, seconds: int) -> Window:
    """Count once more under that name, in one round trip. Raises redis.RedisError when nobody answers."""
    key = f"{settings.CACHES['default'].get('KEY_PREFIX', '')}:window:{name}"
    pipe = _client(settings.REDIS_URL).pipeline(transaction=False)
    pipe.set(key, 0, ex=seconds, nx=True)
    pipe.incr(key)
    pipe.pttl(key)
    _, times, milliseconds = pipe.execute()
    return Window(times=int(times), seconds_left=max(1, -(-int(milliseconds) // 1000)))


@lru_cache(maxsize=4)
def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_timeout=_PATIENCE_SECONDS, socket_connect_timeout=_PATIENCE_SECONDS)
