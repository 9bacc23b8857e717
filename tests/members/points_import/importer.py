"""The command in a process of its own, on the database that the test names, which may kill itself inside its nth chunk.

`python -m tests.members.points_import.importer FILE`; DIE_AT is "booking:3" (before the third chunk is booked)
or "noting:2" (inside the second chunk, points posted, notes not). Prints its peak memory.
"""

import os
import resource
import signal
import sys
from collections.abc import Callable
from typing import Any

import django
from django.conf import settings

settings.DATABASES["default"]["NAME"] = os.environ["IMPORT_TEST_DATABASE"]
django.setup()

from django.core.management import call_command  # noqa: E402

from members.models import PointsNote  # noqa: E402
from members.services.points_import import loading  # noqa: E402


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
    if chosen := os.environ.get("DIE_AT"):
        place, number = chosen.split(":")
        if place == "booking":
            loading._look_up = deadly(loading._look_up, int(number))
        else:
            PointsNote.objects.bulk_create = deadly(PointsNote.objects.bulk_create, int(number))  # type: ignore[method-assign]
    call_command("import_points", *sys.argv[1:])
    sys.stdout.write(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss} KiB\n")
