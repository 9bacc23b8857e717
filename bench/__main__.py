"""Entry point: python -m bench [part ...]; all parts unless some are named."""

import os
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

from config import embedded

PARTS = ("ledger", "batches", "tiers", "messages", "segments", "pages", "imports", "member_pages")


def main(wanted: list[str]) -> int:
    """Measure on a database made for this run; 0 whatever the figures say."""
    os.environ["MALL_EMBEDDED_PROFILE"] = "bench"
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
    embedded.ensure("bench")
    import django

    django.setup()
    from bench.database import fresh_database
    from bench.figures import Figure, keep

    figures: list[Figure] = []
    for part in wanted or PARTS:
        with fresh_database():
            measure: Callable[[], Iterator[Figure]] = import_module(f"bench.{part}").measure
            for figure in measure():
                sys.stdout.write(figure.line() + "\n")
                sys.stdout.flush()
                figures.append(figure)
    keep(figures, Path("var/bench.json"))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
