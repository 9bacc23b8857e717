"""`python -m config.run`: the whole shop in one terminal.

Starts the servers that aren't configured, migrates, loads the demo shop on the first run, then keeps web, worker and
beat running until Ctrl-C. A guard process ends them when this process is killed, so nothing is ever left behind.
"""

import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from subprocess import Popen
from types import FrameType

import environ

from config import embedded
from config.embedded import tether
from config.embedded.places import ROOT
from config.run_children import Child, Yard, stop_all

_PREPARE_SECONDS = 900.0
_WEB_SECONDS = 60.0


class RunFailed(Exception):
    """The shop can't run; the message says why."""


class Stopped(Exception):
    """Ctrl-C, or a polite signal."""


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where the shop listens."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """The shop's address as a browser takes it."""
        return f"http://{self.host}:{self.port}"


def main() -> int:
    """Run the shop until it is told to stop; 0 when that was by a person, 1 when something failed."""
    environ.Env.read_env(ROOT / ".env")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    try:
        _run(Address(host=os.environ.get("HOST", "127.0.0.1"), port=_port(os.environ.get("PORT") or "8000")))
    except Stopped:
        return 0
    except (RunFailed, embedded.EmbeddedError) as error:
        print(error, file=sys.stderr, flush=True)
        return 1
    return 0


def _stop(number: int, frame: FrameType | None) -> None:
    """Leave whatever is being done; a second signal while children stop changes nothing."""
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    raise Stopped


def _run(address: Address) -> None:
    _refuse_busy_port(address)
    yard = Yard(embedded.var_directory())
    with yard.occupied():
        started = time.monotonic()
        children: list[Child] = []
        try:
            _say("starting PostgreSQL and Valkey" if _embedded() else "using the configured servers")
            embedded.ensure("run")
            _say("preparing the database (the first run loads the demo shop)")
            _prepare(yard, children)
            _say("starting web, worker and beat")
            children += [yard.start(name, command, _environment()) for name, command in _commands(address).items()]
            _wait_for_web(address, children)
            print(welcome(address, seconds=time.monotonic() - started), flush=True)
            _watch(children)
        finally:
            stop_all(children)


def _embedded() -> bool:
    return embedded.postgres_needed() or embedded.redis_needed()


def _say(text: str) -> None:
    print(f"· {text} …", flush=True)


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise SystemExit(f"PORT must be a number from 1 to 65535, not {text!r}.")
    return int(text)


def _refuse_busy_port(address: Address) -> None:
    """Say so before anything starts."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address.host, address.port))
        except OSError as error:
            raise RunFailed(
                f"Port {address.port} is taken by another program: free it, or choose one with `PORT=8001 make run`."
            ) from error
