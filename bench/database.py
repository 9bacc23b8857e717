"""A database that is made for one part of the bench and dropped after it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection, connections

_ONE_AT_A_TIME = 0x62656E6368


@contextmanager
def fresh_database() -> Iterator[None]:
    """Create, migrate, yield, drop; a second bench on the same server waits for its turn."""
    with psycopg.connect(**_server(), autocommit=True) as holder:
        holder.execute("SELECT pg_advisory_lock(%s)", [_ONE_AT_A_TIME])
        with _fresh():
            yield


@contextmanager
def _fresh() -> Iterator[None]:
    _run('DROP DATABASE IF EXISTS "bench" WITH (FORCE)', 'CREATE DATABASE "bench"')
    cache.clear()
    call_command("migrate", verbosity=0)
    try:
        yield
    finally:
        connections.close_all()
        _run('DROP DATABASE IF EXISTS "bench" WITH (FORCE)')


def _run(*statements: str) -> None:
    with psycopg.connect(**_server(), autocommit=True) as server:
        for statement in statements:
            server.execute(statement)


def _server() -> dict[str, Any]:
    place = connection.get_connection_params()
    return {key: place[key] for key in ("host", "port", "user", "password") if key in place} | {"dbname": "postgres"}
