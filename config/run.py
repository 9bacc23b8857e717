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
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import FrameType

import environ

from config import embedded
from config.demo_logins import DEMO_LOGINS
from config.embedded.places import ROOT, places
from config.run_children import AlreadyRunning, Child, Yard, stop_all
from config.run_servers import ServerSilent, wait_for_servers

_WEB_SECONDS = 60.0
_TICK = 0.2


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
    except (RunFailed, AlreadyRunning, ServerSilent, embedded.EmbeddedError) as error:
        print(error, file=sys.stderr, flush=True)
        return 1
    return 0


def _stop(number: int, frame: FrameType | None) -> None:
    """Leave whatever is being done; a second signal while children stop changes nothing."""
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    raise Stopped


def _run(address: Address) -> None:
    """Start everything, say where it is, and stay until something ends; whatever was started is stopped."""
    started = time.monotonic()
    children: list[Child] = []
    with Yard(var=places("run").var).occupied() as yard:
        _refuse_busy_port(address)
        yard.start_guard()
        try:
            _say("starting PostgreSQL and Valkey" if _embedded() else "using the configured servers")
            embedded.ensure("run")
            wait_for_servers()
            _say("preparing the database; the first run loads the demo shop")
            _prepare(yard, children)
            _say("starting web, worker and beat")
            for name, command in _commands(address, yard).items():
                children.append(yard.start(name, command, _environment()))
            _wait_for_web(address, children)
            print(_welcome(address, seconds=time.monotonic() - started), flush=True)
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


def _prepare(yard: Yard, children: list[Child]) -> None:
    """Migrate and load the demo shop, in a child so that Ctrl-C can stop it half-way."""
    child = yard.start("prepare", [sys.executable, "-m", "config.prepare"], _environment())
    children.append(child)
    while not child.has_ended():
        time.sleep(_TICK)
    if child.process.returncode != 0:
        raise _failure(child)
    children.remove(child)


def _environment() -> dict[str, str]:
    fixed = {"DJANGO_SETTINGS_MODULE": "config.settings", "MALL_EMBEDDED_PROFILE": "run", "PYTHONUNBUFFERED": "1"}
    return {**os.environ, **fixed}


def _commands(address: Address, yard: Yard) -> dict[str, list[str]]:
    """The children's command lines by name."""
    python = [sys.executable, "-m"]
    web = ["config.serve", f"{address.host}:{address.port}"]
    worker = ["celery", "-A", "config", "worker", "--concurrency", "2", "--without-mingle", "--without-gossip"]
    beat = ["celery", "-A", "config", "beat", "--schedule", str(yard.var / "run" / "beat-schedule"), "--pidfile", ""]
    return {"web": python + web, "worker": [*python, *worker, "--loglevel", "INFO"], "beat": python + beat}


def _wait_for_web(address: Address, children: Sequence[Child]) -> None:
    """Return when the shop answers. Raises RunFailed when a child ends or the time is over."""
    deadline = time.monotonic() + _WEB_SECONDS
    while not _is_open(address):
        _refuse_ended(children)
        if time.monotonic() > deadline:
            raise _failure(children[0])
        time.sleep(_TICK)


def _is_open(address: Address) -> bool:
    """Whether a request gets an answer, whatever it is: a broken page must not hide the address of the admin."""
    try:
        with urllib.request.urlopen(address.url, timeout=10):  # noqa: S310 (our own http address)
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def _watch(children: Sequence[Child]) -> None:
    """Stay until a child ends, which ends the run. Raises RunFailed."""
    while True:
        _refuse_ended(children)
        time.sleep(_TICK)


def _refuse_ended(children: Sequence[Child]) -> None:
    for child in children:
        if child.has_ended():
            raise _failure(child)


def _failure(child: Child) -> RunFailed:
    code = child.process.returncode
    how = "does not answer" if code is None else f"ended with code {code}"
    return RunFailed(f"{child.name} {how}; everything is stopped. The end of {child.log}:\n{child.last_words()}")


def _welcome(address: Address, *, seconds: float) -> str:
    """The block that tells a person where to go."""
    rows = [
        ("shop", "/", f"log in as {DEMO_LOGINS.member_phone}; the code is in the inbox"),
        ("inbox", "/dev/inbox/", "messages that a phone would get"),
        ("admin", "/admin/", f"{DEMO_LOGINS.staff_name} / {DEMO_LOGINS.staff_password}"),
        ("API", "/api/v1/docs/", "try it in the page"),
    ]
    if not environ.Env().bool("DEBUG", default=True):
        rows = [(name, path, "") for name, path, _ in rows if name != "inbox"]
    lines = [f"  {name:<6} {address.url + path:<38} {hint}".rstrip() for name, path, hint in rows]
    rule = "─" * 96
    return "\n".join([rule, f"  The shop is open after {seconds:.1f} s. Ctrl-C stops it. Logs: var/log/", *lines, rule])


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sys.exit(main())
