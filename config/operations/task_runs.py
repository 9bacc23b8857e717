"""One line and one count for each run of a task, and the request's id handed on to what it set going."""

import contextlib
import logging
import logging.config
import time
from types import TracebackType
from typing import Any

import redis
from celery import Task, signals
from django.conf import settings

from config.operations import context, noticeboard

logger = logging.getLogger(__name__)

_started: dict[str, float] = {}


@signals.setup_logging.connect
def log_as_the_web_does(**_: Any) -> None:
    """Connected, it keeps Celery from setting up lines of its own."""
    logging.config.dictConfig(settings.LOGGING)


@signals.before_task_publish.connect
def hand_request_id_on(headers: dict[str, Any] | None = None, **_: Any) -> None:
    """Give a task the id of the request, or of the task's request, that sent it."""
    if headers is not None and context.request_id.get():
        headers["request_id"] = context.request_id.get()


@signals.beat_init.connect
def beat_once_at_start(sender: Any, **_: Any) -> None:
    """Send the first heartbeat now: its interval would keep a fresh shop unready for as long."""
    with contextlib.suppress(Exception):  # a broker that is down: the timetable sends the next one
        sender.app.send_task("operations.heartbeat", expires=60, retry=False)


@signals.task_prerun.connect
def note_start(task_id: str, task: Task, **_: Any) -> None:
    """Put the ids into the lines that the task writes."""
    _started[task_id] = time.perf_counter()
    context.task_id.set(task_id)
    context.task_name.set(task.name)
    context.request_id.set(context.readable_id(str(getattr(task.request, "request_id", None) or "")))


@signals.task_failure.connect
def tell_failure(exception: BaseException, traceback: TracebackType, **_: Any) -> None:
    """Write where it failed."""
    logger.error("task failed", exc_info=(type(exception), exception, exception.__traceback__ or traceback))


@signals.task_postrun.connect
def note_end(task_id: str, task: Task, state: str | None = None, **_: Any) -> None:
    """Write and count the run, whatever its end."""
    seconds = time.perf_counter() - _started.pop(task_id, time.perf_counter())
    outcome = (state or "unknown").lower()
    logger.info("task", extra={"outcome": outcome, "milliseconds": round(seconds * 1000, 1)})
    with contextlib.suppress(redis.RedisError):  # a lost tally is no reason to fail
        noticeboard.count_run(task=task.name, outcome=outcome, seconds=seconds)
    for variable in (context.task_id, context.task_name, context.request_id):
        variable.set("")
