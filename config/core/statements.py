"""Server functions called in one round trip, and the edge whose whole transaction is one such call.

The server keeps the statement prepared and libpq carries the values as text: a driver's cursor, BEGIN and COMMIT cost
more of a small call than the call itself (two thirds of the client's time for a ledger posting).
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection, connections
from psycopg.pq import ExecStatus, TransactionStatus

from config.core.db import TransactionMissing, fetch_prepared

P = ParamSpec("P")
R = TypeVar("R")

_unused: ContextVar[bool] = ContextVar("an edge_statement() that no statement has used yet", default=False)


@contextmanager
def edge_statement() -> Iterator[None]:
    """A transaction that is one statement, which the server commits by itself: one round trip instead of three.

    For an edge whose whole work is one verb that `one_statement` guards. Inside a transaction and for a second
    statement it is refused (RuntimeError, TransactionMissing).
    """
    if any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks):
        raise RuntimeError("a statement of its own can't be inside a transaction")
    token = _unused.set(True)
    try:
        yield
    finally:
        _unused.reset(token)


def one_statement(function: Callable[P, R]) -> Callable[P, R]:
    """Refuse to run `function`, which is a single statement, outside a transaction or an unused `edge_statement()`."""

    @wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        if not connection.in_atomic_block:
            if not _unused.get():
                raise TransactionMissing(f"{function.__module__}.{function.__qualname__} needs a transaction")
            _unused.set(False)
        return function(*args, **kwargs)

    return wrapper


def call(sql: str, params: dict[str, Any]) -> tuple[Any, ...] | None:
    """First row of `SELECT ... FROM function(%(name)s, ...)`, one of the few hot statements that never change.

    Carries int, bool, str, aware datetime, timedelta and None, and gives int, bool, str, datetime (UTC) and None; a
    jsonb comes as its text. What it can't carry, and what tests and DEBUG record, goes the ordinary way.
    """
    db = connections[DEFAULT_DB_ALIAS]  # looked up once: the proxy asks again for each attribute
    if db.queries_logged or db.execute_wrappers:
        return fetch_prepared(sql, params)
    db.close_if_health_check_failed()
    db.ensure_connection()
    raw = db.connection
    if any(type(value) not in _WRITERS for value in params.values() if value is not None):
        return fetch_prepared(sql, params)
    if db.in_atomic_block and raw.pgconn.transaction_status == TransactionStatus.IDLE:
        return fetch_prepared(sql, params)  # the driver begins the transaction
    db.validate_no_broken_transaction()
    with db.wrap_database_errors:
        statement = _statements.setdefault(raw, {}).get(sql) or _prepare(raw, sql)
        if statement.readers is None:
            return fetch_prepared(sql, params)
        return statement.first_row(raw, params)


_PLACE = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True, slots=True)
class _Statement:
    name: bytes
    order: tuple[str, ...]
    readers: tuple[Callable[[bytes], Any], ...] | None

    def first_row(self, raw: "psycopg.Connection[Any]", params: dict[str, Any]) -> tuple[Any, ...] | None:
        assert self.readers is not None
        carried: list[Any] = [_carried(params[name]) for name in self.order]
        result = raw.pgconn.exec_prepared(self.name, carried)
        if result.status != ExecStatus.TUPLES_OK:
            raise psycopg.errors.error_from_result(result, encoding="utf-8")
        if not result.ntuples:
            return None
        get = result.get_value
        return tuple(
            None if (value := get(0, column)) is None else reader(value) for column, reader in enumerate(self.readers)
        )


_statements: "WeakKeyDictionary[psycopg.Connection[Any], dict[str, _Statement]]" = WeakKeyDictionary()


def _prepare(raw: "psycopg.Connection[Any]", sql: str) -> _Statement:
    known = _statements[raw]
    name, order = b"call_%d" % len(known), tuple(dict.fromkeys(_PLACE.findall(sql)))
    numbered = _PLACE.sub(lambda place: f"${order.index(place[1]) + 1}", sql)
    for done in (raw.pgconn.prepare(name, numbered.encode()), raw.pgconn.describe_prepared(name)):
        if done.status != ExecStatus.COMMAND_OK:
            raise psycopg.errors.error_from_result(done, encoding="utf-8")
    types = [done.ftype(column) for column in range(done.nfields)]
    readers = tuple(_READERS[oid] for oid in types) if _READERS.keys() >= set(types) else None
    known[sql] = _Statement(name=name, order=order, readers=readers)
    return known[sql]


def _carried(value: Any) -> bytes | None:
    return None if value is None else _WRITERS[type(value)](value)


def _text(value: str) -> bytes:
    if "\0" in value:
        raise psycopg.DataError("PostgreSQL text can't hold NUL")
    return value.encode()


_WRITERS: dict[type, Callable[[Any], bytes]] = {
    bool: lambda value: b"t" if value else b"f",
    int: lambda value: b"%d" % value,
    str: _text,
    datetime: lambda value: value.isoformat().encode(),
    timedelta: lambda value: b"%d microseconds" % (value // timedelta(microseconds=1)),
}
_BOOL, _INT8, _INT2, _INT4, _TEXT, _VARCHAR, _TIMESTAMPTZ, _JSONB = 16, 20, 21, 23, 25, 1043, 1184, 3802
_READERS: dict[int, Callable[[bytes], Any]] = {
    _BOOL: lambda value: value == b"t",
    _INT8: int,
    _INT2: int,
    _INT4: int,
    _TEXT: bytes.decode,
    _VARCHAR: bytes.decode,
    _TIMESTAMPTZ: lambda value: datetime.fromisoformat(value.decode()),
    _JSONB: bytes.decode,
}
