"""What stands in the database before every test, and how it is brought back after a test with real commits.

Django's flush truncates every table, makes content types and rights anew, and leaves the shop without tiers, store and
pages. Here only what was written is deleted and only what was changed is put back, in one call and 40 times less work.
"""

import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar
from unittest import mock

from django.db import connection, transaction

from config.outbox.services import nudging

T = TypeVar("T")

_FUNCTIONS = Path(__file__).with_suffix(".sql")
_BIG = 512 * 1024  # bytes of deleted rows that would slow the tests that follow
_PATIENCE = 20.0  # seconds for whoever still has a transaction open

# of a database that is used again, what a run that was cut short may have left
_LEFT = """
SELECT c.oid::regclass::text FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND pg_relation_size(c.oid) > 0
  AND c.relname NOT IN ('django_migrations', 'django_content_type', 'auth_permission')
"""
_OTHERS = """
SELECT pid, state, left(query, 120) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND state <> 'idle'
"""
_GUESTS = """
SELECT pid, state, left(query, 120) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
_BLOATED = """
SELECT c.oid::regclass::text FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND pg_relation_size(c.oid) > %s
  AND NOT EXISTS (SELECT FROM standing.copy s WHERE s.relation = c.oid AND s.scene = 'start')
"""


def remember() -> None:
    """Take note of all that stands: default tiers, store, pages and messages, content types and rights."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(_LEFT)
        for (table,) in cursor.fetchall():
            cursor.execute(f"DELETE FROM {table}")
    _stand_up()
    with connection.cursor() as cursor:
        cursor.execute(_FUNCTIONS.read_text())
        cursor.execute("SELECT standing.keep('start')")


def restore() -> None:
    """Have exactly what stood there at first, whatever was committed since."""
    _wait_for_others()
    with connection.cursor() as cursor:
        cursor.execute("SELECT standing.restore()")
        cursor.execute(_BLOATED, [_BIG])
        for (table,) in cursor.fetchall():
            cursor.execute(f"VACUUM {table}")


def see_off() -> None:
    """Nobody else is in the database, which is about to be dropped; whoever stays too long is named and put out."""
    connection.close()  # not used since browsers had one of their own, it may have been cut
    with connection.cursor() as cursor:
        give_up = time.monotonic() + _PATIENCE
        while time.monotonic() < give_up:
            cursor.execute(_GUESTS)
            if not (guests := cursor.fetchall()):
                return
            time.sleep(0.05)
        cursor.execute("SELECT pg_terminate_backend(pid) FROM unnest(%s) AS pid", [[guest[0] for guest in guests]])
    warnings.warn(f"still connected after the last test: {guests}", stacklevel=1)


def bring(scene: str, make: Callable[[], None]) -> None:
    """Have the rows that `make` makes: made the first time, copied from then on. Nothing else may be there yet."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT FROM standing.copy WHERE scene = %s", [scene])
        if cursor.rowcount:
            cursor.execute("SELECT standing.bring(%s)", [scene])
        else:
            make()
            cursor.execute("SELECT standing.keep(%s)", [scene])


def made_once(make: Callable[[], T], blocker: Any) -> Iterator[T]:
    """For a fixture of a module: what `make` makes is there for all its tests; what a test adds is rolled back."""
    outer = transaction.atomic()
    outer._from_testcase = True  # type: ignore[attr-defined]  # as the transaction around a test: edges may open theirs
    with blocker.unblock(), mock.patch.object(nudging, "_send", return_value=True):
        outer.__enter__()
        made = make()
    yield made
    with blocker.unblock():
        transaction.set_rollback(True)
        outer.__exit__(None, None, None)


def _stand_up() -> None:
    from mall.services.defaults import ensure_defaults as ensure_mall_defaults
    from members.services.defaults import ensure_defaults as ensure_member_defaults
    from members.services.message_defaults import ensure_defaults as ensure_message_defaults

    with transaction.atomic():
        ensure_member_defaults()
        ensure_message_defaults()
        ensure_mall_defaults()


def _wait_for_others() -> None:
    """What another connection has not committed yet would be there after the cleaning."""
    give_up = time.monotonic() + _PATIENCE
    while others := _others():
        assert time.monotonic() < give_up, f"the test has ended, its transactions have not: {others}"
        time.sleep(0.01)


def _others() -> list[tuple[int, str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(_OTHERS)
        return list(cursor.fetchall())
