"""A Celery worker with one handler, and a publisher that dies: run as processes of their own by test_killed_processes.

Both work on the database that the test names in the environment.
"""

import os
import signal
import sys
import time
from pathlib import Path

import django
from django.conf import settings

settings.DATABASES["default"]["NAME"] = os.environ["OUTBOX_TEST_DATABASE"]
django.setup()

from django.db import connection, transaction  # noqa: E402

from config.celery import app  # noqa: E402
from config.outbox import publishing as outbox  # noqa: E402
from config.outbox.services import nudging  # noqa: E402
from config.outbox.subscriptions import subscribe  # noqa: E402
from tests.outbox.facts import ParcelMoved  # noqa: E402

__all__ = ["app"]


def write_effect(event: ParcelMoved) -> None:
    """Write the effect; with HANG_AFTER_EFFECT set, say so and never come to the commit."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO outbox_test_effect (note) VALUES (%s)", [f"stop {event.stop}"])
    if reached := os.environ.get("HANG_AFTER_EFFECT"):
        Path(reached).touch()
        time.sleep(120)


subscribe(ParcelMoved, write_effect, name="tests.write_effect")


def die_instead_of_nudging() -> None:
    """Commit a fact and be killed before the nudge is sent."""

    def die(task: str, kwargs: object) -> bool:
        os.kill(os.getpid(), signal.SIGKILL)
        return False

    nudging._send = die
    with transaction.atomic():
        outbox.publish(ParcelMoved(parcel_id=1, stop=1))


if __name__ == "__main__" and sys.argv[1:] == ["publish"]:
    die_instead_of_nudging()
