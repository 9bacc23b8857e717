"""Locks that live exactly as long as a process, and processes that outlive their starter.

A detached process inherits an open file on which a lock is held. The kernel drops the lock when the last process that
has the file open is gone, so "is it alive?" never depends on a pid that another process may carry by now.
"""

import fcntl
import os
import pwd
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypedDict

_TICK = 0.02
_DESCRIPTOR = "MALL_TETHER"  # tells a launched process which of its open files carries the lock


class EmbeddedError(RuntimeError):
    """The embedded servers can't be had; the message says what to do."""


def acquire(path: Path, *, timeout: float | None, shared: bool = False) -> int:
    """An open file with the lock on it; closing it lets go. `timeout=None` waits for ever."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    mode = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    if timeout is None:
        fcntl.flock(descriptor, mode)
        return descriptor
    deadline = time.monotonic() + timeout
    while True:
        with suppress(BlockingIOError):
            fcntl.flock(descriptor, mode | fcntl.LOCK_NB)
            return descriptor
        if time.monotonic() >= deadline:
            os.close(descriptor)
            raise EmbeddedError(f"another process has held {path} for more than {timeout:.0f} s")
        time.sleep(_TICK)


@contextmanager
def locked(path: Path, *, timeout: float | None) -> Iterator[None]:
    """Hold the lock alone inside the block."""
    descriptor = acquire(path, timeout=timeout)
    try:
        yield
    finally:
        os.close(descriptor)


def is_held(path: Path) -> bool:
    """Whether a process that was launched with this lock still lives."""
    return not freed_within(path, seconds=0)


def freed_within(path: Path, *, seconds: float) -> bool:
    """Whether the lock is free now or becomes free in that time."""
    try:
        os.close(acquire(path, timeout=seconds))
    except EmbeddedError:
        return False
    return True


def launch(
    command: Sequence[str],
    *,
    lock: Path,
    log: Path,
    cwd: Path,
    environment: Mapping[str, str],
    owner: int | None = None,
) -> "subprocess.Popen[bytes]":
    """Start a process in a session of its own that holds `lock` until it and all its children are gone."""
    if log.exists():
        log.replace(log.with_suffix(".old.log"))
    descriptor = acquire(lock, timeout=10)
    try:
        with log.open("wb") as output:
            return subprocess.Popen(
                command,
                cwd=cwd,
                env={**environment, _DESCRIPTOR: str(descriptor)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=(descriptor,),
                **_identity(owner),
            )
    finally:
        os.close(descriptor)


def let_go() -> None:
    """Drop the lock that this process was launched with: from here on it counts as gone."""
    descriptor = os.environ.pop(_DESCRIPTOR, None)
    if descriptor is not None:
        fcntl.flock(int(descriptor), fcntl.LOCK_UN)


class _Identity(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


def _identity(owner: int | None) -> _Identity:
    """Arguments that make `subprocess` run a command as that user; none when it is us already."""
    if owner is None or owner == os.geteuid():
        return {}
    return {"user": owner, "group": pwd.getpwuid(owner).pw_gid, "extra_groups": []}


def wait_until(ready: Callable[[], bool], *, seconds: float) -> bool:
    """Call `ready()` until it is true or the time is over."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() >= deadline:
            return False
        time.sleep(_TICK)
    return True


def private_directory(path: Path, *, owner: int) -> Path:
    """`path` as a directory that `owner` alone can enter. Raises EmbeddedError when somebody else made it."""
    with suppress(FileExistsError):
        path.mkdir(mode=0o700)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError as error:
        raise EmbeddedError(f"{path} is not a directory of ours: remove it") from error
    try:
        if os.fstat(descriptor).st_uid not in {owner, os.geteuid()}:
            raise EmbeddedError(f"{path} belongs to another user: remove it")
        if os.fstat(descriptor).st_uid != owner:
            os.fchown(descriptor, owner, pwd.getpwuid(owner).pw_gid)
        os.fchmod(descriptor, 0o700)
    finally:
        os.close(descriptor)
    return path


def let_through(path: Path, *, owner: int) -> None:
    """Let `owner` pass (not read) the directories above `path`; needed only when root serves as another user."""
    for parent in path.resolve().parents:
        status = parent.stat()
        if status.st_uid != owner and not status.st_mode & stat.S_IXOTH:
            parent.chmod(stat.S_IMODE(status.st_mode) | stat.S_IXOTH)
            print(f"embedded servers: other users may now pass through {parent} (chmod o+x)", file=sys.stderr)


def tail(log: Path, *, lines: int = 15) -> str:
    """The last lines of a log."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.exists() else ""
