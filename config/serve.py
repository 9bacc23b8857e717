"""`python -m config.serve [HOST:PORT]`: the web server, set the same way in every place that starts it.

It becomes Granian: two processes (WEB_WORKERS) of four threads (WEB_THREADS). SIGTERM closes the door, lets requests in
flight end (WEB_STOP_SECONDS at most) and leaves with 0.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import environ

from config.embedded.places import ROOT, places

_DEFAULTS = {"HOST": "127.0.0.1", "PORT": "8000", "WEB_WORKERS": "2", "WEB_THREADS": "4", "WEB_STOP_SECONDS": "30"}


def main(arguments: Sequence[str]) -> None:
    """Replace this process by the web server."""
    environ.Env.read_env(ROOT / ".env")
    wanted = {**_DEFAULTS, **{name: value for name, value in os.environ.items() if value}}
    host, port = arguments[0].rsplit(":", 1) if arguments else (wanted["HOST"], wanted["PORT"])
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(_empty_folder_for_metrics(port))
    os.execv(sys.executable, [sys.executable, "-m", *command(host, port, wanted)])  # noqa: S606 (nothing of it is input)


def command(host: str, port: str, wanted: Mapping[str, str]) -> list[str]:
    """Granian's command line."""
    words = ["granian", "--interface", "wsgi", "--host", host, "--port", port, "--no-ws"]
    words += ["--workers", wanted["WEB_WORKERS"], "--blocking-threads", wanted["WEB_THREADS"]]
    words += ["--workers-kill-timeout", wanted["WEB_STOP_SECONDS"], "--respawn-failed-workers"]
    words += ["--log-config", str(Path(__file__).with_name("granian_logs.json"))]
    return [*words, "config.wsgi:application"]


def _empty_folder_for_metrics(port: str) -> Path:
    """Where the processes of one server count together; counts start anew with the server."""
    folder = Path(os.environ.get("METRICS_DIR") or places("run").var / "metrics" / port)
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.db"):
        path.unlink()
    return folder


if __name__ == "__main__":
    main(sys.argv[1:])
