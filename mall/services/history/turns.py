"""One import of a source at a time, and one part of it after the other."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from config.core.db import fetch_one
from config.core.errors import DomainError
from config.outbox.selectors.due import backlog
from config.outbox.services import deliveries

_PATIENCE_SECONDS = 30  # a killed run's last statement may still be running in the database
_PAUSE_SECONDS = 0.05
_TURN = "hashtextextended('mall.history:' || %(source)s, 0)"


class ImportRunning(DomainError):
    """Another process imports that source. Facts: source."""

    code = "import_running"
    message = "来源 {source} 正在导入中，请等它结束"


class GivingFailed(DomainError):
    """A part was recorded, but its points were not given. Facts: source."""

    code = "giving_failed"
    message = "来源 {source} 的积分发放出错，已记录在后台的事件投递里；处理后重新运行即可接着导入"


@contextmanager
def only_import(*, source: str) -> Iterator[None]:
    """Hold the source's turn, which a killed process loses with its connection. Raises ImportRunning."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while fetch_one(f"SELECT pg_try_advisory_lock({_TURN})", {"source": source}) != (True,):
        if time.monotonic() > deadline:
            raise ImportRunning(source=source)
        time.sleep(_PAUSE_SECONDS)
    try:
        yield
    finally:
        fetch_one(f"SELECT pg_advisory_unlock({_TURN})", {"source": source})


def settle(*, source: str, at: datetime) -> None:
    """Have given what the recorded parts earn, here or by a worker that was quicker. Raises GivingFailed.

    The next part is judged by the tiers that this one leads to, so it must not be recorded before.
    """
    stream = f"history:{source}"
    while (left := backlog(stream=stream, at=at)).open:
        if left.is_stuck:
            raise GivingFailed(source=source)
        if not deliveries.deliver(streams=[stream], at=at, limit=100).delivered:
            time.sleep(_PAUSE_SECONDS)
