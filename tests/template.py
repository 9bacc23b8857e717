"""One migrated database, of which each pytest-xdist worker's is a copy: a second to copy, half a minute to migrate.

On the shop's own test server it stays for the runs that follow, until a line of the shop's code or a library changes.
"""

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import distributions
from pathlib import Path

from django.db import connection

from config import embedded
from config.embedded.places import ROOT

_MADE = "template.made"
_ROOMS = ("config", "points", "members", "mall", "campaigns", "analytics")
_NOTE = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"


def named(folder: Path) -> bool:
    """Have Django copy its test database; whether the one to be copied is this process's to drop."""
    settings = connection.settings_dict
    name = f"test_{settings['NAME']}_template"
    stays = embedded.postgres_needed()
    with _alone(folder):
        is_first = not (folder / _MADE).exists()
        if is_first:
            note = made_of(ROOT)
            if not (stays and _note(name) == note):
                _make(name, note)
            (folder / _MADE).touch()
    settings["TEST"]["TEMPLATE"] = name
    return is_first and not stays


def made_of(root: Path) -> str:
    """A digest of all that a migrated database comes from: the shop's code and SQL, and the libraries it stands on."""
    digest = hashlib.sha256()
    for file in sorted(file for room in _ROOMS for kind in ("py", "sql") for file in (root / room).rglob(f"*.{kind}")):
        digest.update(f"{file.relative_to(root)} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    digest.update(repr(sorted((one.name, one.version) for one in distributions())).encode())
    return digest.hexdigest()


def dropped(folder: Path) -> None:
    """The migrated database is gone; whoever should still ask for it makes another."""
    with _alone(folder):
        _drop(connection.settings_dict["TEST"]["TEMPLATE"])
        (folder / _MADE).unlink()


def _note(name: str) -> str | None:
    """What the database was made of; None when there is none, or none that was finished."""
    with connection._nodb_cursor() as cursor:
        cursor.execute(_NOTE, [name])
        found = cursor.fetchone()
    return found[0] if found else None


def _make(name: str, note: str) -> None:
    _drop(name)  # a run that was cut short has left it, or the code has changed
    settings = connection.settings_dict
    own, test = settings["NAME"], settings["TEST"]["NAME"]
    settings["TEST"]["NAME"] = name
    try:
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        with connection.cursor() as cursor:
            cursor.execute(f"COMMENT ON DATABASE {connection.ops.quote_name(name)} IS '{note}'")
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
