"""Faults planted in the ledger, as someone could who may switch triggers and foreign keys off."""

from django.db import connection, transaction


def unguarded(sql: str, *params: object) -> None:
    """Run SQL that no trigger and no foreign key sees."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")  # what is due so far holds
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql, params)
        cursor.execute("SET LOCAL session_replication_role = origin")
