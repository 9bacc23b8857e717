"""What both servers have in common: start when down, wait until they answer, stop politely, then firmly."""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from . import tether
from .places import Places
from .tether import EmbeddedError

_READY_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True)
class Server:
    """One kind of server. `launch` prepares and starts it, `answers` says whether it is ready for work."""

    name: str
    launch: Callable[[Places], "subprocess.Popen[bytes]"]
    answers: Callable[[Places], bool]
    pid_file: Callable[[Places], Path]
    stop_signals: tuple[tuple[signal.Signals, float], ...]


def start(server: Server, spot: Places) -> None:
    """Have the server up and answering. Raises EmbeddedError."""
    if not _comes_up(server, spot):
        spot.log(server.name).unlink(missing_ok=True)
        child = server.launch(spot)
        if not _comes_up(server, spot, child):
            raise EmbeddedError(f"{server.name} did not start:\n{tether.tail(spot.log(server.name))}")
    if not server.answers(spot):
        raise EmbeddedError(f"{server.name} runs but does not answer; see {spot.log(server.name)}")


def stop(server: Server, spot: Places) -> None:
    """Shut the server down and take its sockets away."""
    alive = spot.alive(server.name)
    for sign, seconds in server.stop_signals:
        if not tether.is_held(alive):
            break
        pid = _pid_in(server.pid_file(spot))
        if pid is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, sign)
        tether.freed_within(alive, seconds=seconds)
    shutil.rmtree(spot.sockets(server.name), ignore_errors=True)


def _comes_up(server: Server, spot: Places, child: "subprocess.Popen[bytes] | None" = None) -> bool:
    """Whether the server lives, after waiting until it answers, ends, or has had its time.

    `child` is reaped on the way: a starter that lives on must not keep a dead server as a zombie.
    """

    def settled() -> bool:
        ended = child is not None and child.poll() is not None
        return ended or not tether.is_held(spot.alive(server.name)) or server.answers(spot)

    tether.wait_until(settled, seconds=_READY_SECONDS)
    return tether.is_held(spot.alive(server.name))


def _pid_in(path: Path) -> int | None:
    """The pid on the first line; only to be trusted while the server's lock is held."""
    with suppress(FileNotFoundError, ValueError, IndexError):
        return int(path.read_text().split()[0])
    return None
