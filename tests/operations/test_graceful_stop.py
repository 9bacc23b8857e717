"""SIGTERM: what is being done is finished, then the processes are gone with code 0."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from config.embedded.places import ROOT
from config.run_children import Child, stop_all
from tests.house.processes import eventually
from tests.operations.slow_worker import app


@contextmanager
def running(*words: str, log: Path, **extra: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A process in a group of its own, on this test's servers; the group is killed at the end of the block."""
    environment = {**os.environ, "MALL_EMBEDDED_PROFILE": "test", "PYTHONPATH": str(ROOT), **extra}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", *words],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str) -> bool:
    try:
        return bool(urllib.request.urlopen(url, timeout=5).status == 200)
    except (urllib.error.URLError, ConnectionError):
        return False


def test_the_web_server_finishes_the_request_in_flight_and_takes_no_new_one(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{(port := free_port())}"
    answered: list[bytes] = []
    settings = {
        "DJANGO_SETTINGS_MODULE": "tests.operations.slow_shop",
        "METRICS_DIR": str(tmp_path),
        "WEB_WORKERS": "1",
    }
    with running("config.serve", f"127.0.0.1:{port}", log=tmp_path / "log", **settings) as server:
        assert eventually(lambda: answers(f"{url}/livez")), (tmp_path / "log").read_text()
        asking = threading.Thread(target=lambda: answered.append(urllib.request.urlopen(f"{url}/slow/").read()))
        asking.start()
        time.sleep(0.5)
        server.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        assert (answered, answers(f"{url}/livez")) == ([], False)
        asking.join(5)
        assert (answered, server.wait(5)) == ([b"finished"], 0)


def test_the_processes_of_one_server_count_together(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{(port := free_port())}"
    settings = {"DJANGO_SETTINGS_MODULE": "tests.operations.slow_shop", "METRICS_DIR": str(tmp_path / "metrics")}
    (tmp_path / "metrics").mkdir()
    (tmp_path / "metrics" / "counter_1.db").write_bytes(b"left by a server that is gone")
    with running("config.serve", f"127.0.0.1:{port}", log=tmp_path / "log", METRICS_TOKEN="t", **settings):
        assert eventually(lambda: answers(f"{url}/livez")), (tmp_path / "log").read_text()
        asked_for = 0
        while len(list((tmp_path / "metrics").glob("counter_*.db"))) < 2 and asked_for < 1000:
            with suppress(urllib.error.HTTPError):
                urllib.request.urlopen(f"{url}/no-such-page/")
            asked_for += 1
        asked = urllib.request.Request(f"{url}/metrics", headers={"Authorization": "Bearer t"})
        text = urllib.request.urlopen(asked).read().decode()
    assert 2 <= asked_for < 1000
    assert f'mall_requests_total{{route="unmatched",status="404"}} {asked_for}.0' in text


def test_a_worker_finishes_its_task(tmp_path: Path) -> None:
    started, finished = tmp_path / "started", tmp_path / "finished"
    queue = f"slow-{os.getpid()}"
    words = ["celery", "-A", "tests.operations.slow_worker", "worker", "--concurrency", "1", "--queues", queue]
    words += ["--without-mingle", "--without-gossip"]
    kwargs = {"started": str(started), "finished": str(finished)}
    app.send_task("tests.slow", kwargs=kwargs, queue=queue)
    log = tmp_path / "log"
    with running(*words, log=log, DJANGO_SETTINGS_MODULE="config.settings_test") as worker:
        assert eventually(started.exists), log.read_text()
        stop_all([Child(name="worker", process=worker, log=log)])
        assert (finished.exists(), worker.returncode) == (True, 0)
