"""The shop's Celery application with one slow task, run for real by tests."""

import time
from pathlib import Path

from config.celery import app


@app.task(name="tests.slow")
def slow(*, started: str, finished: str) -> None:
    """Leave a file at the start and one at the end."""
    Path(started).touch()
    time.sleep(1.5)
    Path(finished).touch()
