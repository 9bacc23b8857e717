"""Whether the servers that are configured answer, before a shop is opened on them."""

import os
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import environ
import psycopg
import redis

_PATIENCE = 15.0
_AGAIN = 0.5


class ServerSilent(Exception):
    """A configured server does not answer; the message says which, and what to do."""


def wait_for_servers(*, seconds: float = _PATIENCE) -> None:
    """Return when PostgreSQL and Redis answer, those that are configured. Raises ServerSilent when time is up."""
    for name, ask in (("DATABASE_URL", _ask_postgres), ("REDIS_URL", _ask_redis)):
        url = os.environ.get(name)
        if url:
            _wait(name, url, ask, until=time.monotonic() + seconds)


def _wait(name: str, url: str, ask: Callable[[str], None], *, until: float) -> None:
    while True:
        try:
            return ask(url)
        except (psycopg.OperationalError, redis.RedisError, OSError, ValueError) as error:
            if time.monotonic() < until and not isinstance(error, ValueError):
                time.sleep(_AGAIN)
                continue
            reason = str(error).strip().splitlines()[-1] if str(error).strip() else type(error).__name__
            raise ServerSilent(
                f"{name} names a server that does not answer ({_place(url)}: {reason}). "
                f"Start it or correct the address; without {name} the shop starts a server of its own."
            ) from error


def _ask_postgres(url: str) -> None:
    known = environ.Env.db_url_config(url)
    with psycopg.connect(
        host=known["HOST"] or None,
        port=known["PORT"] or None,
        user=known["USER"] or None,
        password=known["PASSWORD"] or None,
        dbname=known["NAME"] or None,
        connect_timeout=2,
    ):
        pass


def _ask_redis(url: str) -> None:
    client = redis.Redis.from_url(url, protocol=2, socket_connect_timeout=2, socket_timeout=2)
    try:
        client.ping()
    finally:
        client.close()


def _place(url: str) -> str:
    """The address without its password."""
    parts = urlsplit(url)
    return f"{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}{parts.path}"
