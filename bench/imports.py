"""Rows per second of a whole till's history, when the file is there."""

import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from django.core.management import call_command

from bench.figures import Figure

FILE = Path(__file__).resolve().parents[2] / "shared/data/online_retail.csv.gz"
_ROWS = 541_909


def measure() -> Iterator[Figure]:
    """import_rows in rows per second and import_memory in MB; nothing but a word when the file is absent."""
    if not FILE.exists():
        sys.stdout.write(f"import: skipped, there is no {FILE}\n")
        return
    began = time.monotonic()
    call_command("import_orders", str(FILE), format="online-retail", verbosity=0)
    seconds = time.monotonic() - began
    yield Figure(name="import_rows", value=_ROWS / seconds, unit="rows/s", limit=_ROWS / 300, wanted=1.0)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield Figure(name="import_memory", value=peak, unit="MB", limit=600, wanted=1.0, at_most=True)
