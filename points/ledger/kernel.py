"""Calls into the SQL kernel: arguments made safe, refusals turned into errors, rows into values."""

import json
from datetime import datetime
from typing import Any

from config.core.db import fetch_prepared
from points.ledger.refusals import InvalidKey, InvalidSource, refusal
from points.ledger.values import Entry

_BIGINT_MAX = 2**63 - 1
_ENTRY_COLUMNS = (
    "refusal, facts, entry, account, kind, points, spendable, pending, held, arrears, lapsed, forgiven,"
    " spendable_after, key, source, reason, occurred_at, reverses, caused_by"
)


def bigint(number: int) -> int:
    """The number, or the nearest one that PostgreSQL can carry to the kernel, which refuses it.

    What isn't a whole number (1.5, Decimal("1"), True, "1") is carried as 0, which no posting may have: the kernel
    looks at the key before it refuses.
    """
    if type(number) is not int:
        return 0
    return max(-_BIGINT_MAX, min(_BIGINT_MAX, number))


def instant(at: datetime) -> datetime:
    """The same instant. Raises ValueError for a naive datetime: the server would guess its zone."""
    if at.utcoffset() is None:
        raise ValueError("the ledger takes aware datetimes")
    return at


def key_text(key: str) -> str:
    """The key as the database can store it. Raises InvalidKey."""
    if not isinstance(key, str) or "\0" in key:
        raise InvalidKey(points=None)
    return key


def source_text(text: str | None) -> str:
    """A source or reason code as the database can store it; none is empty. Raises InvalidSource."""
    if text and "\0" in text:
        raise InvalidSource(points=None)
    return text or ""


def row_of(sql: str, params: dict[str, Any]) -> tuple[Any, ...]:
    """The one row of a kernel call whose first columns are refusal and facts, without these two. Raises its refusal."""
    row = fetch_prepared(sql, params)
    assert row is not None, "a kernel function returns a row"
    code, facts, *values = row
    if code is not None:
        raise refusal(code, json.loads(facts))
    return tuple(values)


def entry_of(call: str, params: dict[str, Any]) -> Entry:
    """The entry that a kernel call posted, or had posted under the same key. Raises its refusal."""
    (
        entry,
        account,
        kind,
        points,
        spendable,
        pending,
        held,
        arrears,
        lapsed,
        forgiven,
        spendable_after,
        key,
        source,
        reason,
        occurred_at,
        reverses,
        caused_by,
    ) = row_of(f"SELECT {_ENTRY_COLUMNS} FROM {call}", params)  # noqa: S608 (calls are constants of this package)
    return Entry(
        id=entry,
        account=account,
        kind=kind,
        points=points,
        spendable=spendable,
        pending=pending,
        held=held,
        arrears=arrears,
        lapsed=lapsed,
        forgiven=forgiven,
        spendable_after=spendable_after,
        key=key,
        source=source,
        reason=reason,
        occurred_at=occurred_at,
        reverses=reverses,
        caused_by=caused_by,
    )
