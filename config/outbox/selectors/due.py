"""What can be delivered now."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from config.outbox.models import OPEN_STATES, Delivery


class Line(NamedTuple):
    """One handler's line of one stream; only its first open delivery can move."""

    stream: str
    handler: str


def due_lines(*, at: datetime, limit: int, streams: Sequence[str] | None = None) -> list[Line]:
    """Lines whose first open delivery is due, oldest message first; a dead letter or a waiting retry hides its line."""
    heads = Delivery.objects.due(at=at).heads().order_by("message_id", "pk")
    if streams is not None:
        heads = heads.filter(stream__in=streams)
    return [Line(*row) for row in heads.values_list("stream", "handler")[:limit]]


def due_streams(*, at: datetime, limit: int) -> list[str]:
    """Streams with something due, oldest first."""
    return list(dict.fromkeys(line.stream for line in due_lines(at=at, limit=limit)))


class Backlog(NamedTuple):
    """What of a stream is not delivered; `is_stuck`: its head is dead, or waits after a failure."""

    open: int
    is_stuck: bool


def backlog(*, stream: str, at: datetime) -> Backlog:
    """The stream's open deliveries. One query."""
    waiting = list(Delivery.objects.filter(stream=stream, state__in=OPEN_STATES).order_by("message_id", "pk"))
    heads = {delivery.handler: delivery for delivery in reversed(waiting)}
    return Backlog(open=len(waiting), is_stuck=any(not head.is_due(at=at) for head in heads.values()))
