"""The edge whose whole transaction is one call of a server function.

A driver's cursor, BEGIN and COMMIT cost more of a small call than the call itself (two thirds of the client's time for
a ledger posting).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import connection

from config.core.db import TransactionMissing

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
