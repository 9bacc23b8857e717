"""Real processes for tests: started in a scratch `var/`, never touching the servers of this checkout."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from config.embedded.places import ROOT

USE_SERVERS = "from config import embedded; embedded.ensure('run'); print('up', flush=True); input()"


def environment(var: Path, **extra: str) -> dict[str, str]:
    """This process's environment with a scratch `var/` and no configured servers."""
    kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    return {**kept, "MALL_VAR_DIR": str(var), "MALL_EMBEDDED_PROFILE": "run", **extra}


def python(*arguments: str, var: Path, **extra: str) -> "subprocess.Popen[str]":
    """A Python process of the checkout; its errors go where pytest shows them."""
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment(var, **extra),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@contextmanager
def using_servers(var: Path, **extra: str) -> Iterator["subprocess.Popen[str]"]:
    """A process that has the embedded servers up; it is killed at the end of the block."""
    process = python("-c", USE_SERVERS, var=var, **extra)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        yield process
    finally:
        kill(process)


def kill(process: "subprocess.Popen[str]") -> None:
    """SIGKILL: no handler, no atexit, nothing tidied."""
    with suppress(ProcessLookupError):
        os.kill(process.pid, signal.SIGKILL)
    process.communicate()


def eventually(is_so: Callable[[], bool], *, seconds: float = 15.0) -> bool:
    """Whether it becomes so in that time."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
