"""Millions of lots by COPY: the tables' indexes and foreign keys are dropped before and made again after.

Every lot has its earn; accounts and lots tie to the point. Lot 2k and 2k+1 belong to one account, which gets its next
pair a quarter of the way on; lots lapse at one of twelve months' ends, in the order of their ids.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import psycopg
from django.db import connection

TABLES = ("points_account", "points_entry", "points_lot", "points_draw")
LOTS_PER_ACCOUNT = 8
POINTS = 10
_BELOW = 10_000_000  # ids for loading; what is posted gets higher ones
FIRST_MONTH_END = datetime.fromisoformat("2027-01-01T00:00+08:00")

_ACCOUNTS = """
SELECT n, 'points', 8 * {points} FROM generate_series({first} / 8 + 1, {last} / 8) AS n
"""
_EARNS = """
SELECT n, {account}, 'earn', {points}, {points}, {points}, {points} * (({place} / {pairs}) * 2 + {place} % 2 + 1),
    'load:' || n, 'bench', '2026-01-05 04:00+08'::timestamptz + n * interval '5 seconds'
FROM (SELECT n, n - {first} - 1 AS place FROM generate_series({first} + 1, {last}) AS n) AS numbered
"""
_LOTS = """
SELECT n, {account}, n, {points}, {points}, '2026-01-05 04:00+08'::timestamptz + n * interval '5 seconds',
    (timestamp '2027-01-01' + ((place * 12) / {size}) * interval '1 month') AT TIME ZONE 'Asia/Shanghai'
FROM (SELECT n, n - {first} - 1 AS place FROM generate_series({first} + 1, {last}) AS n) AS numbered
"""


def load(*, first: int, last: int) -> None:
    """Fill ids `first`+1 to `last` (multiples of 8) of entries and lots, and the accounts they belong to."""
    size, pairs = last - first, (last - first) // LOTS_PER_ACCOUNT
    account = f"{first} // 8 + 1 + (place / 2) % {pairs}".replace("//", "/")
    fill = {"first": first, "last": last, "size": size, "pairs": pairs * 2, "account": account, "points": POINTS}
    with _bare_tables():
        _copy("points_account (id, asset, spendable)", _ACCOUNTS.format(**fill))
        _copy(
            "points_entry"
            " (id, account_id, kind, points, requested, spendable, spendable_after, key, source, occurred_at)",
            _EARNS.format(**fill, place="place"),
        )
        _copy(
            "points_lot (id, account_id, entry_id, points, remaining, earned_at, expires_at)",
            _LOTS.format(**fill),
        )
    settle()


def settle() -> None:
    """Set the sequences past what was and may be loaded, and let the planner know the tables."""
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT setval('{table}_id_seq', greatest(max(id), {_BELOW})) FROM {table}")  # noqa: S608
        cursor.execute("VACUUM ANALYZE " + ", ".join(TABLES))
        cursor.execute("CHECKPOINT")


def _copy(into: str, rows: str) -> None:
    """Rows that one connection selects, copied in by another as they come."""
    with (
        psycopg.connect(**_place()) as reader,
        psycopg.connect(**_place()) as writer,
        reader.cursor().copy(f"COPY ({rows}) TO STDOUT") as made,
        writer.cursor().copy(f"COPY {into} FROM STDIN") as taken,
    ):
        for block in made:
            taken.write(block)


def _place() -> dict[str, Any]:
    known = connection.get_connection_params()
    names = ("host", "port", "user", "password", "dbname")
    return {
        **{name: known[name] for name in names if known.get(name)},
        "options": "-c session_replication_role=replica",
    }


@contextmanager
def _bare_tables() -> Iterator[None]:
    """The tables without foreign keys and indexes but their primary keys; all are made again afterwards."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE contype IN ('f', 'u') AND conrelid = ANY (%s::regclass[]) ORDER BY contype, conname",
            [list(TABLES)],
        )
        constraints = cursor.fetchall()
        for table, name, _ in constraints:
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}" CASCADE')
        cursor.execute(
            "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
            " WHERE NOT indisprimary AND indrelid = ANY (%s::regclass[])",
            [list(TABLES)],
        )
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '256MB'")
        for _, definition in indexes:
            cursor.execute(definition)
        for table, name, definition in reversed(constraints):  # unique ones first: foreign keys lean on them
            cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
