"""What fresh processes make of an environment, without each of them reading Django from the start.

One process reads the libraries that settings stand on, and nothing of the shop; what is asked of it, a child does.
"""

import json
import os
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

_ROOT = Path(__file__).parents[2]
_LIBRARIES = "import celery, django.contrib.admin, django.urls, environ, psycopg, redis.asyncio, runpy, sys"
_SERVE = f"{_LIBRARIES}; serve = runpy.run_path(sys.argv[1])['serve']; serve()"


class Ended(NamedTuple):
    """How a process ended, and what it said."""

    code: int
    out: str
    err: str


@contextmanager
def fresh_processes() -> Iterator[Callable[[str, dict[str, str]], Ended]]:
    """A function that runs code in a process with this environment and no other."""
    command = [sys.executable, "-c", _SERVE, __file__]
    with subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        asked, answered = server.stdin, server.stdout
        assert asked is not None
        assert answered is not None

        def run(code: str, environment: dict[str, str]) -> Ended:
            asked.write(f"{json.dumps([code, environment])}\n")
            asked.flush()
            return Ended(*json.loads(answered.readline()))

        yield run
        asked.close()


def serve() -> None:
    """Have children do what stands on the lines of standard input, one after the other."""
    for line in sys.stdin:
        code, environment = json.loads(line)
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            child = os.fork()
            if not child:
                _run(code, environment, out, err)
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            sys.stdout.write(f"{json.dumps([status, _said(out), _said(err)])}\n")
            sys.stdout.flush()


def _run(code: str, environment: dict[str, str], out: IO[str], err: IO[str]) -> None:
    status = 1
    try:
        os.dup2(out.fileno(), 1)
        os.dup2(err.fileno(), 2)
        os.environ.clear()
        os.environ.update(environment)
        exec(code, {"__name__": "__main__"})
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _said(file: IO[str]) -> str:
    file.seek(0)
    return file.read()
