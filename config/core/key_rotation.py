"""Sealing anew, with the first of settings.ENCRYPTION_KEYS, what older keys have sealed.

Which columns those are is asked of the models: whoever adds an EncryptedTextField need not tell anybody. The key of the
blind indexes is another and stays.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from django.apps import apps
from django.conf import settings
from django.db import connection

from config.core.crypto import DecryptionFailed, EncryptedTextField, decrypt, encrypt
from config.core.db import fetch_all, transaction_required


@dataclass(frozen=True, kw_only=True)
class SealedColumn:
    """A column of sealed values; `context` is what they are bound to."""

    table: str
    column: str
    primary_key: str
    context: str


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """What one chunk did. `last` is where the next one goes on, None at the end; `unopened` stayed as they were."""

    resealed: int
    unopened: int
    last: Any


def sealed_columns() -> list[SealedColumn]:
    """Every column whose field is an EncryptedTextField, of every installed model."""
    return sorted(_columns(), key=lambda one: one.context)


def _columns() -> Iterator[SealedColumn]:
    for model in apps.get_models(include_auto_created=True):
        if model._meta.proxy or not model._meta.managed:
            continue
        for field in model._meta.local_concrete_fields:
            if isinstance(field, EncryptedTextField):
                yield SealedColumn(
                    table=model._meta.db_table,
                    column=field.column,
                    primary_key=cast(Any, model._meta.pk).column,
                    context=field.context,
                )


@transaction_required
def reseal_chunk(*, column: SealedColumn, after: Any = None, limit: int) -> Chunk:
    """Seal the next `limit` values of the column anew that an older key has sealed.

    A value that somebody changes meanwhile is not overwritten: whoever writes, seals with the first key.
    """
    rows = _due(column, after=after, limit=limit)
    old, new, unopened = [], [], 0
    for key, sealed in rows:
        try:
            text = decrypt(sealed, context=column.context)
        except DecryptionFailed:
            unopened += 1
            continue
        old.append((key, sealed))
        new.append(encrypt(text, context=column.context))
    return Chunk(
        resealed=_write(column, old, new) if old else 0,
        unopened=unopened,
        last=rows[-1][0] if len(rows) == limit else None,
    )


def left(*, column: SealedColumn) -> dict[str, int]:
    """How many values of the column each older key still seals."""
    sql = (
        f"SELECT split_part({column.column}, ':', 1) AS key, count(*) FROM {column.table}"  # noqa: S608 (our models' names)
        f" WHERE {column.column} <> '' AND NOT starts_with({column.column}, %(first)s) GROUP BY 1 ORDER BY 1"
    )
    return {str(key): int(count) for key, count in fetch_all(sql, {"first": _first()})}


def _first() -> str:
    return f"{settings.ENCRYPTION_KEYS[0][0]}:"


def _due(column: SealedColumn, *, after: Any, limit: int) -> list[tuple[Any, str]]:
    further = "" if after is None else f"AND {column.primary_key} > %(after)s"
    sql = (
        f"SELECT {column.primary_key}, {column.column} FROM {column.table}"  # noqa: S608 (our models' names)
        f" WHERE {column.column} <> '' AND NOT starts_with({column.column}, %(first)s) {further}"
        f" ORDER BY {column.primary_key} LIMIT %(limit)s"
    )
    return [(key, sealed) for key, sealed in fetch_all(sql, {"first": _first(), "after": after, "limit": limit})]


def _write(column: SealedColumn, old: list[tuple[Any, str]], new: list[str]) -> int:
    sql = (
        f"UPDATE {column.table} AS t SET {column.column} = v.new"  # noqa: S608 (our models' names)
        " FROM unnest(%(keys)s, %(old)s::text[], %(new)s::text[]) AS v (key, old, new)"
        f" WHERE t.{column.primary_key} = v.key AND t.{column.column} = v.old"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, {"keys": [key for key, _ in old], "old": [sealed for _, sealed in old], "new": new})
        return int(cursor.rowcount)
