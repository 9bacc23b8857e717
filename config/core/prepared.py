"""Statements that the server keeps prepared, for the few hot ones that never change, without a driver's cursor.

Django turns the driver's own prepared statements off, and the driver forgets all of its own after any rollback. Here
each connection prepares a statement once, libpq carries the values as text, and several are asked in one round trip.
"""

import re
import select
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from psycopg import pq
from psycopg.pq.abc import PGconn, PGresult

Row = tuple[Any, ...]
Raw = psycopg.Connection[Any]

_PLACE = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A statement as one connection knows it: its name, its parameters in order, and how its columns are read."""

    name: bytes
    order: tuple[str, ...]
    readers: tuple[Callable[[bytes], Any], ...]

    def rows(self, raw: Raw, params: Mapping[str, Any]) -> list[Row]:
        """What it answers. One round trip. Raises psycopg's errors."""
        return self.read(raw.pgconn.exec_prepared(self.name, self.carried(params)))

    def carried(self, params: Mapping[str, Any]) -> list[Any]:
        """The parameters as the server takes them."""
        return [None if (value := params[name]) is None else _WRITERS[type(value)](value) for name in self.order]

    def read(self, result: PGresult) -> list[Row]:
        """The rows of a result; a refusal is raised."""
        if result.status != pq.ExecStatus.TUPLES_OK:
            raise psycopg.errors.error_from_result(result, encoding="utf-8")
        get = result.get_value
        return [
            tuple(
                None if (value := get(row, column)) is None else reader(value)
                for column, reader in enumerate(self.readers)
            )
            for row in range(result.ntuples)
        ]


def can_carry(params: Mapping[str, Any]) -> bool:
    """Whether every value is an int, bool, str, datetime, timedelta or None."""
    return not any(type(value) not in _WRITERS for value in params.values() if value is not None)


def prepared(raw: Raw, sql: str) -> Prepared:
    """The statement `sql` on this connection, made known to the server when it is new there."""
    known = _statements.setdefault(raw, {})
    return known.get(sql) or _prepare(raw, sql, known)


def ask_together(raw: Raw, asked: Sequence[tuple[Prepared, Mapping[str, Any]]]) -> list[list[Row]]:
    """What each statement answers, in one round trip. Raises the first error there was; nobody's rows come then."""
    connection = raw.pgconn
    carried = [(statement, statement.carried(params)) for statement, params in asked]
    connection.enter_pipeline_mode()
    try:
        for statement, values in carried:
            connection.send_query_prepared(statement.name, values)
        connection.pipeline_sync()
        _flush(connection)
        results = [_result(connection) for _ in carried]
        _next(connection)  # the end of the pipeline
    finally:
        connection.exit_pipeline_mode()
    return [statement.read(result) for (statement, _), result in zip(carried, results, strict=True)]


_statements: "WeakKeyDictionary[Raw, dict[str, Prepared]]" = WeakKeyDictionary()


def _prepare(raw: Raw, sql: str, known: dict[str, Prepared]) -> Prepared:
    name, order = b"call_%d" % len(known), tuple(dict.fromkeys(_PLACE.findall(sql)))
    numbered = _PLACE.sub(lambda place: f"${order.index(place[1]) + 1}", sql)
    for done in (raw.pgconn.prepare(name, numbered.encode()), raw.pgconn.describe_prepared(name)):
        if done.status != pq.ExecStatus.COMMAND_OK:
            raise psycopg.errors.error_from_result(done, encoding="utf-8")
    types = [done.ftype(column) for column in range(done.nfields)]
    known[sql] = Prepared(name=name, order=order, readers=tuple(_reader(raw, oid) for oid in types))
    return known[sql]


def _reader(raw: Raw, oid: int) -> Callable[[bytes], Any]:
    """How a column of that type is read; what isn't among ours, as Django's own connection reads it."""
    if oid in _READERS:
        return _READERS[oid]
    loader = raw.adapters.get_loader(oid, pq.Format.TEXT)
    if loader is None:
        return bytes.decode
    return loader(oid).load


def _result(connection: PGconn) -> PGresult:
    """One statement's result, and the mark behind it."""
    result = _next(connection)
    if result is None:
        raise psycopg.OperationalError("the server gave no result")
    _next(connection)
    return result


def _next(connection: PGconn) -> PGresult | None:
    """What comes next. Waiting is done here: libpq's own waiting would keep the interpreter's other threads waiting."""
    waiting = select.poll()
    waiting.register(connection.socket, select.POLLIN)
    while connection.is_busy():
        waiting.poll()
        connection.consume_input()
    return connection.get_result()


def _flush(connection: PGconn) -> None:
    waiting = select.poll()
    waiting.register(connection.socket, select.POLLIN | select.POLLOUT)
    while connection.flush():
        waiting.poll()
        connection.consume_input()


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
