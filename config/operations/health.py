"""Whether the shop can serve: what /readyz looks at."""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

import redis
from celery import current_app
from celery.exceptions import OperationalError
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from config.operations import noticeboard

_BROKER_SECONDS = 2


def readiness(*, at: datetime) -> dict[str, bool]:
    """Each check's name and whether it holds."""
    checks: dict[str, Callable[[], bool]] = {
        "database": _database_answers,
        "migrations": _migrations_are_applied,
        "broker": _broker_answers,
        "heartbeat": lambda: _heart_beats(at),
    }
    return {name: check() for name, check in checks.items()}


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        connection.close()
        return False
    return True


def _migrations_are_applied() -> bool:
    try:
        applied = set(MigrationRecorder(connection).applied_migrations())
    except DatabaseError:
        connection.close()
        return False
    return _migrations_of_the_code() <= applied


@lru_cache(maxsize=1)
def _migrations_of_the_code() -> set[tuple[str, str]]:
    """Read once per process: code doesn't change under it. No queries."""
    return set(MigrationLoader(None).disk_migrations)


def _broker_answers() -> bool:
    try:
        with current_app.connection_for_write(connect_timeout=_BROKER_SECONDS) as broker:
            broker.ensure_connection(max_retries=1, interval_start=0, timeout=_BROKER_SECONDS)
    except OperationalError:
        return False
    return True


def _heart_beats(at: datetime) -> bool:
    try:
        last = noticeboard.read("heartbeat")
    except redis.RedisError:
        return False
    return last is not None and at.timestamp() - last <= settings.HEARTBEAT_MAX_SECONDS
