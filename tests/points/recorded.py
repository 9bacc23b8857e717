"""Entries recorded when a test says so: the clock that the ledger's table asks is set, and put right again."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import connection


@contextmanager
def recorded(at: datetime) -> Iterator[None]:
    """What is posted inside was recorded at `at`."""
    _ask(f"'{at.isoformat()}'::timestamptz")
    yield
    _ask("statement_timestamp()")


def _ask(clock: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with checks to come can't be altered
        cursor.execute(f"ALTER TABLE points_entry ALTER COLUMN recorded_at SET DEFAULT {clock}")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
