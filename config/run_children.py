"""The processes of one `make run`, and the guard that ends them when their parent is killed."""

import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen, TimeoutExpired
from typing import Self

from config.embedded import tether
from config.embedded.places import ROOT

_PATIENCE_SECONDS = 10.0


class AlreadyRunning(RuntimeError):
    """This checkout has a shop running."""


@dataclass(frozen=True, kw_only=True)
class Child:
    """A running process; it leads a session, so its group is it and everything it started."""

    name: str
    process: "Popen[bytes]"
    log: Path

    def has_ended(self) -> bool:
        """Whether it is gone."""
        return self.process.poll() is not None

    def last_words(self) -> str:
        """The end of its log."""
        return tether.tail(self.log)


@dataclass(frozen=True, kw_only=True)
class Yard:
    """Where a run keeps its locks, pids and logs."""

    var: Path

    @property
    def _home(self) -> Path:
        return self.var / "run"

    @property
    def _parent(self) -> Path:
        return self._home / "parent.lock"

    @contextmanager
    def occupied(self) -> Iterator[Self]:
        """Be the only run of this checkout, with nothing left of an earlier one. Raises AlreadyRunning."""
        self._home.mkdir(parents=True, exist_ok=True)
        (self.var / "log").mkdir(exist_ok=True)
        held = self._lock_alone()
        try:
            self.end_leftovers()
            yield self
        finally:
            os.close(held)

    def _lock_alone(self) -> int:
        """The parent's lock. A guard that clears up after a killed run shares it for a moment; a live run does not."""
        try:
            os.close(tether.acquire(self._parent, shared=True, timeout=0))
            return tether.acquire(self._parent, timeout=_PATIENCE_SECONDS + 2)
        except tether.EmbeddedError as error:
            raise AlreadyRunning("The shop already runs from this checkout: stop it first (Ctrl-C there).") from error

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> Child:
        """Start a child that the guard knows."""
        log = self.var / "log" / f"{name}.log"
        process = tether.launch(command, lock=self._lock(name), log=log, cwd=ROOT, environment=environment)
        self._pid_file(name).write_text(str(process.pid))
        return Child(name=name, process=process, log=log)

    def guard(self) -> None:
        """Wait until the parent is gone, then end what it left: what the guard process does."""
        held = tether.acquire(self._parent, shared=True, timeout=None)
        self.end_leftovers()
        os.close(held)

    def end_leftovers(self) -> None:
        """End the children of a parent that was killed before it could."""
        left = [path.stem for path in self._home.glob("*.pid") if tether.is_held(self._lock(path.stem))]
        groups = [int(self._pid_file(name).read_text()) for name in left]
        _signal_all(groups, signal.SIGTERM)
        for name in left:
            tether.freed_within(self._lock(name), seconds=_PATIENCE_SECONDS)
        _signal_all(groups, signal.SIGKILL)
        for path in self._home.glob("*.pid"):
            path.unlink(missing_ok=True)

    def start_guard(self) -> None:
        """Have the children ended if this process is killed."""
        command = [sys.executable, "-m", __name__, str(self.var)]
        log = self.var / "log" / "guard.log"
        tether.launch(command, lock=self._lock("guard"), log=log, cwd=ROOT, environment=dict(os.environ))

    def _lock(self, name: str) -> Path:
        return self._home / f"{name}.lock"

    def _pid_file(self, name: str) -> Path:
        return self._home / f"{name}.pid"


def stop_all(children: Sequence[Child]) -> None:
    """End all children and everything they started: politely, then firmly.

    The polite signal goes to each child alone: it lets its own processes finish what they are doing.
    """
    groups = [child.process.pid for child in children]
    for child in children:
        child.process.terminate()
    deadline = time.monotonic() + _PATIENCE_SECONDS
    for child in children:
        with suppress(TimeoutExpired):
            child.process.wait(max(0.0, deadline - time.monotonic()))
    _signal_all(groups, signal.SIGKILL)
    for child in children:
        child.process.wait()


def _signal_all(groups: Sequence[int], sign: signal.Signals) -> None:
    for group in groups:
        with suppress(ProcessLookupError):
            os.killpg(group, sign)


if __name__ == "__main__":
    Yard(var=Path(sys.argv[1])).guard()
