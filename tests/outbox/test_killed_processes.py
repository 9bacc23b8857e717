"""Real processes, killed with SIGKILL at the worst moment."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from celery import current_app
from django.conf import settings
from django.db import connection, transaction

from config.outbox import publishing as outbox
from config.outbox import tasks
from config.outbox.models import Delivery, Message
from config.outbox.subscriptions import subscribe
from tests.outbox.conftest import Effects
from tests.outbox.facts import ParcelMoved

WORKER = (
    "celery -A tests.outbox.worker worker --pool solo --without-gossip --without-mingle --without-heartbeat -l warning"
)


@pytest.fixture
def nudges() -> None:
    """The real broker: a nudge goes where the worker listens."""


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "OUTBOX_TEST_DATABASE": connection.settings_dict["NAME"], **more}


@contextmanager
def worker(log: Path, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    """A Celery worker, which is gone when the block ends."""
    with log.open("wb") as output:
        command = [sys.executable, "-m", *WORKER.split()]
        process = subprocess.Popen(command, env=environment(**more), stdout=output, stderr=output)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def queue_length() -> int:
    with current_app.connection_for_read() as broker:
        return int(broker.default_channel.client.llen(settings.CELERY_TASK_DEFAULT_QUEUE))


def wait_until(true: Callable[[], object], log: Path, seconds: float = 40) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)


def test_a_worker_killed_between_commit_and_delivery_loses_and_doubles_nothing(effects: Effects, tmp_path: Path):
    subscribe(ParcelMoved, print, name="tests.write_effect")  # the worker has the real handler
    reached, log = tmp_path / "reached", tmp_path / "worker.log"
    with transaction.atomic():
        outbox.publish_many([ParcelMoved(parcel_id=1, stop=1), ParcelMoved(parcel_id=1, stop=2)])
    with worker(log, HANG_AFTER_EFFECT=str(reached)) as first:
        wait_until(reached.exists, log)
        first.send_signal(signal.SIGKILL)
        assert first.wait() == -signal.SIGKILL
    assert effects.notes() == []
    assert list(Delivery.objects.values_list("state", "attempts")) == [("pending", 0)] * 2
    with worker(log):
        for _ in range(3):
            current_app.send_task("outbox.sweep")
        wait_until(lambda: queue_length() == 0 and not Delivery.objects.exclude(state="delivered").exists(), log)
        time.sleep(0.5)  # the last sweep has been taken off the queue and may still be running
    assert effects.notes() == ["stop 1", "stop 2"]


def test_a_publisher_killed_between_commit_and_nudge_is_swept_up_once(effects: Effects):
    command = [sys.executable, "-m", "tests.outbox.worker", "publish"]
    assert subprocess.run(command, env=environment(), check=False).returncode == -signal.SIGKILL
    assert list(Message.objects.values_list("payload", flat=True)) == [{"parcel_id": 1, "stop": 1}]
    assert Delivery.objects.get().state == "pending"
    subscribe(ParcelMoved, lambda event: effects.write(f"stop {event.stop}"), name="tests.write_effect")
    tasks.sweep()
    tasks.sweep()
    assert effects.notes() == ["stop 1"]
