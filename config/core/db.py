"""Transactions: edges open them, services demand them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, Generic, ParamSpec, TypeVar

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from psycopg.pq import TransactionStatus

from config.core.prepared import ask_together, can_carry, prepared

P = ParamSpec("P")
R = TypeVar("R")


class TransactionMissing(RuntimeError):
    """A service was called outside a transaction: a programming error, never the user's."""


def transaction_required(function: Callable[P, R]) -> Callable[P, R]:
    """Refuse to run `function` outside the caller's transaction."""

    @wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        if not connection.in_atomic_block:
            raise TransactionMissing(f"{function.__module__}.{function.__qualname__} needs a transaction")
        return function(*args, **kwargs)

    return wrapper


def edge_transaction() -> transaction.Atomic:
    """Open the outermost transaction of a view, task or delivery; nesting is refused."""
    return transaction.atomic(durable=True)


def fetch_one(sql: str, params: dict[str, Any]) -> tuple[Any, ...] | None:
    """First row of a raw query, or None."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        row: tuple[Any, ...] | None = cursor.fetchone()
        return row


def fetch_prepared(sql: str, params: dict[str, Any]) -> tuple[Any, ...] | None:
    """First row of a query that the server keeps prepared, for the few hot statements that never change; or None.

    It takes int, bool, str, aware datetime, timedelta and None; a datetime comes in UTC, a jsonb as its text. What it
    can't carry, and what tests and DEBUG record, goes the ordinary way.
    """
    rows = fetch_all_prepared(sql, params)
    return rows[0] if rows else None


def fetch_all_prepared(sql: str, params: dict[str, Any]) -> list[tuple[Any, ...]]:
    """All rows of a query that the server keeps prepared, as `fetch_prepared` asks it."""
    db = connections[DEFAULT_DB_ALIAS]  # looked up once: the proxy asks again for each attribute
    raw = _ready(db, params)
    if raw is None:
        return fetch_all(sql, params)
    with db.wrap_database_errors:
        return prepared(raw, sql).rows(raw, params)


def fetch_all(sql: str, params: dict[str, Any]) -> list[tuple[Any, ...]]:
    """All rows of a raw query."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


@dataclass(frozen=True, kw_only=True)
class Ask(Generic[R]):
    """A question to the database: a statement that never changes, its parameters, and how its rows are read."""

    sql: str
    params: Mapping[str, Any]
    read: Callable[[list[tuple[Any, ...]]], R]

    def answer(self) -> R:
        """What is read from its rows. One query."""
        return self.read(fetch_all_prepared(self.sql, dict(self.params)))


def answers(asks: Sequence[Ask[Any]]) -> list[Any]:
    """What each would answer, all asked in one round trip; where queries are watched, one by one."""
    db = connections[DEFAULT_DB_ALIAS]
    raw = _ready(db, *(ask.params for ask in asks)) if len(asks) > 1 else None
    if raw is None:
        return [ask.answer() for ask in asks]
    with db.wrap_database_errors:
        found = ask_together(raw, [(prepared(raw, ask.sql), ask.params) for ask in asks])
    return [ask.read(rows) for ask, rows in zip(asks, found, strict=True)]


def _ready(db: Any, *params: Mapping[str, Any]) -> "psycopg.Connection[Any] | None":
    """The driver's connection, open; None when the ordinary way is to be gone."""
    if db.queries_logged or db.execute_wrappers or not all(map(can_carry, params)):
        return None
    db.close_if_health_check_failed()
    db.ensure_connection()
    raw: psycopg.Connection[Any] = db.connection
    if db.in_atomic_block and raw.pgconn.transaction_status == TransactionStatus.IDLE:
        return None  # the driver begins the transaction
    db.validate_no_broken_transaction()
    return raw
