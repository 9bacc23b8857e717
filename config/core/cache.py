"""The cache in Redis. JSON alone: what another process writes there can't run code here."""

import json
from typing import Any

from django.core.cache.backends import redis as django_redis


class RedisCacheClient(django_redis.RedisCacheClient):
    """Django's, with one client for all calls: making one costs more than asking, and threads may share it."""

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        """The client of the server that has the key."""
        made: dict[int, Any] = vars(self).setdefault("_made", {})
        index = self._get_connection_pool_index(write)  # type: ignore[attr-defined]  # the stubs leave it out
        if index not in made:
            made[index] = super().get_client(key, write=write)
        return made[index]


class RedisCache(django_redis.RedisCache):
    """Django's cache in Redis, on such a client."""

    def __init__(self, server: str | list[str], params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = RedisCacheClient


class JsonSerializer:
    """Serializer of Django's Redis cache client; integers stay bare so that counters can be incremented."""

    def __init__(self, protocol: object = None) -> None:
        """`protocol` is what Django passes for pickle; it has no meaning here."""

    def dumps(self, value: Any) -> int | bytes:
        return value if type(value) is int else json.dumps(value).encode()

    def loads(self, data: bytes) -> Any:
        try:
            return int(data)
        except ValueError:
            return json.loads(data)
