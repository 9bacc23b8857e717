"""Emptying the demo shop: back to the rows that the migrations made, which were noted before the demo was loaded.

Where nothing was noted, or the code has other migrations since, every table is dropped and migrated again, which takes
longer than loading the demo. Only the owner of the database server may cut the ledger's tables short: nobody else gets
past their triggers.
"""

from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from psycopg import sql

from config.core.db import edge_transaction

_NOTED = "demo_untouched"
_TABLES = """
SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname
"""
_COLUMNS = """
SELECT attname, attidentity <> '' FROM pg_attribute
WHERE attrelid = format('public.%%I', %s::text)::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
ORDER BY attnum
"""


def remember() -> None:
    """Note what stands in a shop that nobody has used yet."""
    noted = sql.Identifier(_NOTED)
    with edge_transaction():
        _run(sql.SQL("DROP SCHEMA IF EXISTS {0} CASCADE").format(noted))
        _run(sql.SQL("CREATE SCHEMA {0}").format(noted))
        for table in _tables():
            _run(
                sql.SQL("CREATE TABLE {0}.{1} AS TABLE public.{1}").format(noted, sql.Identifier(table)),
                unless_empty=table,
            )


def empty() -> None:
    """Have the shop as its migrations left it."""
    if _is_noted() and _put_back():
        return
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {_NOTED} CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    call_command("migrate", interactive=False, verbosity=0)


def _is_noted() -> bool:
    """Whether what was noted stands in the tables as the code has them."""
    if not _rows("SELECT FROM pg_tables WHERE schemaname = %s AND tablename = 'django_migrations'", [_NOTED]):
        return False
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return False
    names = "SELECT app, name FROM {}.django_migrations ORDER BY app, name"
    return _rows(names.format("public")) == _rows(names.format(_NOTED))


def _put_back() -> bool:
    """Cut every table short and write what was noted; False: this role may not."""
    tables = sql.SQL(", ").join(sql.Identifier("public", table) for table in _tables())
    try:
        with transaction.atomic():
            _run(sql.SQL("SET LOCAL session_replication_role = replica"))
            _run(sql.SQL("TRUNCATE {0} RESTART IDENTITY").format(tables))
            for (table,) in _rows("SELECT tablename FROM pg_tables WHERE schemaname = %s", [_NOTED]):
                _copy_back(table)
    except DatabaseError:
        return False
    return True


def _copy_back(table: str) -> None:
    """The rows of one table, and its counters behind them."""
    columns = _rows(_COLUMNS, [table])
    names = sql.SQL(", ").join(sql.Identifier(name) for name, _ in columns)
    target = sql.Identifier(table)
    _run(
        sql.SQL("INSERT INTO public.{0} ({1}) OVERRIDING SYSTEM VALUE SELECT {1} FROM {2}.{0}").format(
            target, names, sql.Identifier(_NOTED)
        )
    )
    for name in (name for name, counts in columns if counts):
        _run(
            sql.SQL("SELECT setval(pg_get_serial_sequence({2}, {3}), max({1})) FROM public.{0}").format(
                target, sql.Identifier(name), sql.Literal(f'public."{table}"'), sql.Literal(name)
            )
        )


def _tables() -> list[str]:
    return [name for (name,) in _rows(_TABLES)]


def _rows(query: str, params: list[str] | None = None) -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return list(cursor.fetchall())


def _run(statement: sql.Composable, *, unless_empty: str = "") -> None:
    """Run a statement of ours; with `unless_empty` only when that table has rows."""
    with connection.cursor() as cursor:
        if unless_empty:
            cursor.execute(f'SELECT FROM public."{unless_empty}" LIMIT 1')
            if not cursor.rowcount:
                return
        cursor.execute(statement.as_string(cursor.cursor))
