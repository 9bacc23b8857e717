"""A task of the ledger in a process of its own, on the database that the test names, made to be killed.

`python -m tests.points.nightly_process expire|remind AT LIMIT`: says "begins N" before a chunk and "ended N" after it.
"""

import os
import sys
from collections.abc import Callable
from typing import Any

import django
from django.conf import settings

settings.DATABASES["default"]["NAME"] = os.environ["LEDGER_TEST_DATABASE"]
django.setup()

from config.outbox.services import nudging  # noqa: E402
from points import ledger, tasks  # noqa: E402
from points.services import reminders  # noqa: E402

CHUNKS: dict[str, tuple[Any, str, Any]] = {
    "expire": (ledger, "expire", tasks.expire),
    "remind": (reminders, "remind_next", tasks.remind_lapsing),
}


def said(word: str, number: int) -> None:
    sys.stdout.write(f"{word} {number}\n")
    sys.stdout.flush()


def telling(chunk: Callable[..., Any]) -> Callable[..., Any]:
    """The chunk, which tells when it begins, and with the next one that the one before has been committed."""
    number = 0

    def wrapper(**kwargs: Any) -> Any:
        nonlocal number
        if number:
            said("ended", number)
        number += 1
        said("begins", number)
        return chunk(**kwargs)

    return wrapper


if __name__ == "__main__":
    nudging._send = lambda task, kwargs: True
    name, at, limit = sys.argv[1], sys.argv[2], int(sys.argv[3])
    module, verb, task = CHUNKS[name]
    setattr(module, verb, telling(getattr(module, verb)))
    waiting = [{"at": at, "limit": limit}]
    task.apply_async = lambda *, kwargs: waiting.append(kwargs)
    while waiting:
        task(**waiting.pop())
    said("done", 0)
