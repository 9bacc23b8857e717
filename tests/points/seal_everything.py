"""Sealing in tests: wait for whoever else uses the server, as the task does by trying again."""

import time
from datetime import datetime

from config.core.db import edge_transaction
from points.services import sealing

from .conftest import day


def marked() -> sealing.Mark:
    """A mark after everything so far."""
    with edge_transaction():
        return sealing.mark()


def seal_next(mark: sealing.Mark, *, at: datetime | None = None, limit: int = 1000) -> int | None:
    """One chunk, in its own transaction."""
    with edge_transaction():
        return sealing.seal_next(mark=mark, at=at or day(2), limit=limit)


def seal_all(*, limit: int = 1000, seconds: float = 30) -> int:
    """Seal what is there; how many entries."""
    mark, total, end = marked(), 0, time.monotonic() + seconds
    while time.monotonic() < end:
        sealed = seal_next(mark, limit=limit)
        if sealed == 0:
            return total
        if sealed is None:
            time.sleep(0.05)
        else:
            total += sealed
    raise TimeoutError("some transaction on this server doesn't end")
