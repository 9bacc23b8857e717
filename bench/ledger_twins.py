"""The physical limit of a batch: the rows it wrote, written again by plain SQL into twins of the ledger's tables."""

import time

from django.db import connection, transaction

_TABLES = ("points_account", "points_entry", "points_lot", "points_draw")

# The rows of the measured run: the newest of their kind, `place` counts them.
_POSTED = """
CREATE TEMP TABLE rows AS SELECT id, account_id, (row_number() OVER (ORDER BY id) - 1) / %(chunk)s AS part
FROM (SELECT id, account_id FROM points_entry WHERE kind = 'earn' ORDER BY id DESC LIMIT %(all)s) AS newest
"""
_EXPIRED = """
CREATE TEMP TABLE rows AS SELECT d.lot_id AS id, d.entry_id, d.account_id, d.id AS draw_id,
    (row_number() OVER (ORDER BY d.id) - 1) / %(chunk)s AS part
FROM (SELECT * FROM points_draw ORDER BY id DESC LIMIT %(all)s) AS d
"""
_START = {
    "post_many": "INSERT INTO twin_account SELECT * FROM points_account WHERE id IN (SELECT account_id FROM rows)",
    "expire": (
        "INSERT INTO twin_account SELECT * FROM points_account WHERE id IN (SELECT account_id FROM rows);"
        " UPDATE twin_account SET spendable = spendable + 1000;"
        " INSERT INTO twin_lot SELECT * FROM points_lot WHERE id IN (SELECT id FROM rows);"
        " UPDATE twin_lot SET remaining = points, is_open = true"
    ),
}
_WRITES = {
    "post_many": [
        "INSERT INTO twin_entry SELECT e.* FROM points_entry AS e JOIN rows USING (id) WHERE part = %(part)s",
        "INSERT INTO twin_lot SELECT lot.* FROM points_lot AS lot JOIN rows ON rows.id = lot.entry_id"
        " WHERE part = %(part)s",
        "UPDATE twin_account AS a SET spendable = spendable + 10 FROM rows WHERE a.id = rows.account_id"
        " AND part = %(part)s",
    ],
    "expire": [
        "INSERT INTO twin_entry SELECT * FROM points_entry"
        " WHERE id IN (SELECT entry_id FROM rows WHERE part = %(part)s) ON CONFLICT DO NOTHING",
        "INSERT INTO twin_draw SELECT d.* FROM points_draw AS d JOIN rows ON rows.draw_id = d.id WHERE part = %(part)s",
        "UPDATE twin_lot AS lot SET remaining = 0, is_open = false FROM rows WHERE lot.id = rows.id"
        " AND part = %(part)s",
        "UPDATE twin_account AS a SET spendable = spendable - 10 FROM rows WHERE a.id = rows.account_id"
        " AND part = %(part)s",
    ],
}


def rate(name: str, *, chunk: int, chunks: int) -> float:
    """Rows per second of the same rows in twins of the tables, a transaction per chunk."""
    with connection.cursor() as cursor:
        for table in _TABLES:
            twin = table.replace("points_", "twin_")
            cursor.execute(f"DROP TABLE IF EXISTS {twin}; CREATE TABLE {twin} (LIKE {table} INCLUDING ALL)")
        cursor.execute("ALTER TABLE twin_lot ALTER COLUMN is_open DROP EXPRESSION")  # so that rows can be copied whole
        rows = {"post_many": _POSTED, "expire": _EXPIRED}[name]
        cursor.execute("DROP TABLE IF EXISTS rows")
        cursor.execute(rows, {"chunk": chunk, "all": chunk * chunks})
        cursor.execute("ALTER TABLE rows ADD PRIMARY KEY (id)")
        for statement in _START[name].split(";"):
            cursor.execute(statement)
        cursor.execute("VACUUM ANALYZE rows, twin_account, twin_lot")
    began = time.monotonic()
    for part in range(chunks):
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            for write in _WRITES[name]:
                cursor.execute(write, {"part": part})
    seconds = time.monotonic() - began
    with connection.cursor() as cursor:
        for table in _TABLES:
            cursor.execute(f"DROP TABLE {table.replace('points_', 'twin_')}")
    return chunk * chunks / seconds
