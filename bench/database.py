"""A database that is made for one part of the bench and dropped after it."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection, connections


@contextmanager
def fresh_database() -> Iterator[None]:
    """Create, migrate, yield, drop."""
    _run('DROP DATABASE IF EXISTS "bench" WITH (FORCE)', 'CREATE DATABASE "bench"')
    cache.clear()
    call_command("migrate", verbosity=0)
    try:
        yield
    finally:
        connections.close_all()
        _run('DROP DATABASE IF EXISTS "bench" WITH (FORCE)')


def _run(*statements: str) -> None:
    place = connection.get_connection_params()
    place = {key: place[key] for key in ("host", "port", "user", "password") if key in place}
    with psycopg.connect(**place, dbname="postgres", autocommit=True) as server:
        for statement in statements:
            server.execute(statement)
