"""How log lines look: JSON for machines, one readable line for a developer; neither names a person.

A library's exception may carry a phone or an address in its text ("Key (phone)=(...) already exists"), so JSON lines
have an error's class and place, and its text only when LOG_ERROR_TEXT is set.
"""

import json
import logging
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from config.operations import context

_OF_EVERY_RECORD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_FRAMES = 12


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def __init__(self, *, with_error_text: bool = False) -> None:
        super().__init__()
        self.with_error_text = with_error_text

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **context.ids(),
            **_facts(record),
        }
        if record.exc_info and record.exc_info[1]:
            line["errors"] = [_described(error, self.with_error_text) for error in _chain(record.exc_info[1])]
        return json.dumps(line, ensure_ascii=False, default=str)


class LineFormatter(logging.Formatter):
    """A line for a person, with the facts behind the message; errors whole."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s %(message)s", "%H:%M:%S")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (logging's name)
        facts = {**_facts(record), **context.ids()}
        return " ".join([super().formatMessage(record), *(f"{name}={value}" for name, value in facts.items())])


def _facts(record: logging.LogRecord) -> dict[str, object]:
    """What was passed as `extra`, as far as it is plain: Django adds whole requests."""
    passed = {name: value for name, value in vars(record).items() if name not in _OF_EVERY_RECORD}
    return {name: value for name, value in passed.items() if isinstance(value, str | int | float | bool)}


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what caused it, the outermost first."""
    seen: list[BaseException] = []
    step: BaseException | None = error
    while step is not None and step not in seen:
        yield step
        seen.append(step)
        step = step.__cause__ or step.__context__


def _described(error: BaseException, with_text: bool) -> dict[str, object]:
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    return {"type": kind, **({"text": str(error)} if with_text else {}), "frames": places}


def logging_config(*, is_for_people: bool, level: str, with_error_text: bool) -> dict[str, Any]:
    """The value of Django's LOGGING."""
    machine = {"()": JsonFormatter, "with_error_text": with_error_text}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"chosen": {"()": LineFormatter} if is_for_people else machine},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "chosen"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            # Django's own handlers go; what remains reaches the root's.
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            # Its lines on 4xx say what ours say, with the path; on hosts that aren't ours, what robots sent.
            "django.request": {"level": "ERROR"},
            "django.security.DisallowedHost": {"level": "CRITICAL"},
            "_granian": {"handlers": [], "propagate": True},
            # Celery prints the text of errors; config.operations.task_runs has a line for each run instead.
            "celery.app.trace": {"level": "CRITICAL"},
            "celery.worker.strategy": {"level": "WARNING"},
        },
    }
