"""Web servers of two workers: the one that the shop runs on, next to the one it might have run on.

`python -m bench servers` (not part of `make bench`) compares them where gunicorn is installed beside the project.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bench import catalogue
from bench.figures import Figure
from bench.load import requests_per_second
from config.embedded.places import ROOT

_APPLICATION = "config.wsgi:application"
_SECONDS = 5.0
SAID = ROOT / "var/bench-server.log"  # what the last server said: there a page that failed is explained
GRANIAN = [sys.executable, "-m", "config.serve", "127.0.0.1:{port}"]  # as the shop itself is started
_GUNICORN = [shutil.which("gunicorn") or "gunicorn", "--workers", "2", "--worker-class", "gthread", "--threads", "4"]
_GUNICORN += ["--keep-alive", "75", _APPLICATION, "--bind", "127.0.0.1:{port}"]


class Server:
    """A server of the constant pages beside the real ones, on a free port of loopback, until the block ends."""

    def __init__(self, *, command: list[str]) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.command = [part.format(port=self.port) for part in command]

    def __enter__(self) -> "Server":
        environment = {**os.environ, "ROOT_URLCONF": "bench.constants", "LOG_LEVEL": "WARNING", "WEB_WORKERS": "2"}
        environment["METRICS_DIR"] = str(ROOT / "var/bench-metrics")
        SAID.parent.mkdir(parents=True, exist_ok=True)
        with SAID.open("wb") as said:
            self.process = subprocess.Popen(
                self.command, env=environment, stdout=said, stderr=said, start_new_session=True
            )
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            time.sleep(0.1)
        raise RuntimeError("the web server did not start")

    def __exit__(self, *error: object) -> None:
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(timeout=20)

    def worker_megabytes(self) -> float:
        """The largest resident set among the workers."""
        sizes = []
        for status in Path("/proc").glob("[0-9]*/status"):
            try:
                text = status.read_text()
                if os.getpgid(int(status.parent.name)) == self.process.pid:
                    sizes.append(int(text.split("VmRSS:")[1].split()[0]) / 1024)
            except (FileNotFoundError, ProcessLookupError, IndexError):
                continue
        return max(sizes)


def measure() -> Iterator[Figure]:
    """server_*: requests per second of granian, with gunicorn's as the limit: an empty answer and the home page."""
    from bench.pages import cookie_of, signed_in  # pages needs this module's servers

    client = signed_in(catalogue.set_up())
    catalogue.grow_to(100)
    client.get("/")
    cookie = cookie_of(client)
    for name, path in {"livez": "/livez", "home": "/"}.items():
        answered = {}
        for server, command in {"granian": GRANIAN, "gunicorn": _GUNICORN}.items():
            with Server(command=command) as running:
                requests_per_second(port=running.port, path=path, cookie=cookie, seconds=1.0)
                answered[server] = requests_per_second(port=running.port, path=path, cookie=cookie, seconds=_SECONDS)
        yield Figure(
            name=f"server_{name}", value=answered["granian"], unit="requests/s", limit=answered["gunicorn"], wanted=1.0
        )
