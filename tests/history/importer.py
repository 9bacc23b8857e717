"""The command in a process of its own, on the database that the test names, which may kill itself at a chosen point.

`python -m tests.history.importer FILE [options]`; DIE_AT is "settle:5" (before the fifth part's points are given),
"returns:2" (inside the second part that has returns) or "giving:3" (inside the third giving). Prints its peak memory.
"""

import os
import resource
import signal
import sys
from collections.abc import Callable
from typing import Any

import django
from django.conf import settings

settings.DATABASES["default"]["NAME"] = os.environ["HISTORY_TEST_DATABASE"]
django.setup()

from django.core.management import call_command  # noqa: E402

from campaigns.services import bulk  # noqa: E402
from config.outbox.services import nudging  # noqa: E402
from mall.services.history import returns, turns  # noqa: E402

PLACES: dict[str, tuple[Any, str]] = {
    "settle": (turns, "settle"),
    "returns": (returns, "_add_up"),
    "giving": (bulk, "give"),
}


def deadly(function: Callable[..., Any], on_call: int) -> Callable[..., Any]:
    """The function, with SIGKILL on its nth call."""
    calls = 0

    def wrapper(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == on_call:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*args, **kwargs)

    return wrapper


if __name__ == "__main__":
    nudging._send = lambda task, kwargs: True
    if chosen := os.environ.get("DIE_AT"):
        place, number = chosen.split(":")
        module, name = PLACES[place]
        setattr(module, name, deadly(getattr(module, name), int(number)))
    call_command("import_orders", *sys.argv[1:], format="online-retail")
    sys.stdout.write(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss} KiB\n")
