"""One migrated database, of which each pytest-xdist worker's is a copy: a second to copy, half a minute to migrate."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

_MADE = "template.made"


def named(folder: Path) -> bool:
    """Have Django copy its test database; whether it was this process that migrated the one to be copied."""
    settings = connection.settings_dict
    name = f"test_{settings['NAME']}_template"
    with _alone(folder):
        is_maker = not (folder / _MADE).exists()
        if is_maker:
            _make(name)
            (folder / _MADE).touch()
    settings["TEST"]["TEMPLATE"] = name
    return is_maker


def dropped(folder: Path) -> None:
    """The migrated database is gone; whoever should still ask for it makes another."""
    with _alone(folder):
        _drop(connection.settings_dict["TEST"]["TEMPLATE"])
        (folder / _MADE).unlink()


def _make(name: str) -> None:
    _drop(name)  # a run that was cut short has left it
    settings = connection.settings_dict
    own, test = settings["NAME"], settings["TEST"]["NAME"]
    settings["TEST"]["NAME"] = name
    try:
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        connection.close()
    finally:
        settings["NAME"], settings["TEST"]["NAME"] = own, test


def _drop(name: str) -> None:
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {connection.ops.quote_name(name)} WITH (FORCE)")


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
