"""Waking the workers. A nudge may be lost at no harm: the sweeper finds what it was about."""

import logging
from collections.abc import Sequence
from typing import Any

from celery import current_app
from celery.exceptions import OperationalError

logger = logging.getLogger(__name__)

STREAMS_PER_TASK = 100
_MOST_TASKS = 50
_EXPIRES_SECONDS = 300


def nudge(*, streams: Sequence[str]) -> None:
    """Ask the workers to deliver these streams now; when there are very many, ask for one sweep."""
    chunks = [list(streams[start : start + STREAMS_PER_TASK]) for start in range(0, len(streams), STREAMS_PER_TASK)]
    if len(chunks) > _MOST_TASKS:
        _send("outbox.sweep", {})
        return
    for chunk in chunks:
        if not _send("outbox.deliver_streams", {"streams": chunk}):
            return


def _send(task: str, kwargs: dict[str, Any]) -> bool:
    try:
        current_app.send_task(task, kwargs=kwargs, expires=_EXPIRES_SECONDS, retry=False)
    except OperationalError:
        logger.warning("the broker does not answer; the sweeper will deliver")
        return False
    return True
