"""Delivering facts: each (message, handler) once, each line in order.

A delivery is an edge: it opens the transaction in which the handler works and in which the delivery is marked, so that
both happen or neither does.
"""

import logging
import random
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path

from django.conf import settings
from django.db.models import F

from config.core.db import edge_transaction, fetch_one
from config.core.errors import DomainError
from config.outbox import subscriptions
from config.outbox.models import OPEN_STATES, Delivery, DeliveryState
from config.outbox.rules.backoff import wait_after
from config.outbox.selectors.due import Line, due_lines, due_streams
from config.outbox.services import nudging

logger = logging.getLogger(__name__)

_BATCH = 500
_LONGEST_RUN = (
    64  # deliveries of one line in a row, when few lines are due: one deep line must not be searched each time
)


class Outcome(Enum):
    """What became of one try."""

    DELIVERED = "delivered"
    FAILED = "failed"
    BUSY = "busy"  # another worker has the line
    IDLE = "idle"  # nothing due any more


@dataclass(frozen=True, kw_only=True)
class DeliveryReport:
    """How many deliveries succeeded and how many tries failed."""

    delivered: int
    failed: int


class AlreadyDelivered(RuntimeError):
    """Another worker marked the delivery meanwhile: the lock was missing. Rolls the handler's effects back."""


def deliver(
    *, streams: Sequence[str] | None = None, at: datetime, limit: int, fail_fast: bool = False
) -> DeliveryReport:
    """Deliver what is due, of these streams or of all, until nothing is due or `limit` tries were made.

    With `fail_fast` the first handler's error is recorded and raised.
    """
    tally: Counter[Outcome] = Counter()
    while (room := limit - tally[Outcome.DELIVERED] - tally[Outcome.FAILED]) > 0:
        lines = due_lines(at=at, limit=min(room, _BATCH), streams=streams)
        run = max(1, min(_LONGEST_RUN, room) // max(1, len(lines)))
        outcomes = Counter(outcome for line in lines for outcome in _run(line, at, run, fail_fast))
        tally += outcomes
        if not outcomes[Outcome.DELIVERED] and not outcomes[Outcome.FAILED]:
            break
    return DeliveryReport(delivered=tally[Outcome.DELIVERED], failed=tally[Outcome.FAILED])


def deliver_all(*, at: datetime, fail_fast: bool = False) -> DeliveryReport:
    """Deliver everything due in this process, and what the handlers publish in turn: for commands and tests."""
    return deliver(at=at, limit=2**62, fail_fast=fail_fast)


def sweep(*, at: datetime, limit: int) -> DeliveryReport:
    """Deliver what nudges have missed: the oldest streams here, the others fanned out in chunks."""
    streams = due_streams(at=at, limit=limit)
    here, rest = streams[: nudging.STREAMS_PER_TASK], streams[nudging.STREAMS_PER_TASK :]
    nudging.nudge(streams=rest)
    return deliver(streams=here, at=at, limit=_BATCH)


def _run(line: Line, at: datetime, most: int, fail_fast: bool) -> Iterator[Outcome]:
    """Deliver up to `most` of a line, in order, and stop where it can't go on."""
    for _ in range(most):
        outcome = _deliver_head(line, at, fail_fast)
        yield outcome
        if outcome is not Outcome.DELIVERED:
            return


def _deliver_head(line: Line, at: datetime, fail_fast: bool) -> Outcome:
    head: Delivery | None = None
    try:
        with edge_transaction():
            if not _lock_line(line):
                return Outcome.BUSY
            head = _due_head(line, at)
            if head is None:
                return Outcome.IDLE
            _hand_over(head, at)
    except Exception as error:  # whatever a handler raises means: try again later
        if head is None:
            raise
        logger.exception("a delivery failed", extra={"delivery": head.pk, "handler": line.handler})
        _record_failure(head, error, at)
        if fail_fast:
            raise
        return Outcome.FAILED
    return Outcome.DELIVERED


def _lock_line(line: Line) -> bool:
    """Take the line until the end of the transaction, or learn that another worker has it."""
    sql = "SELECT pg_try_advisory_xact_lock(hashtextextended(%(line)s, 0))"
    return fetch_one(sql, {"line": f"outbox:{line.handler}:{line.stream}"}) == (True,)


def _due_head(line: Line, at: datetime) -> Delivery | None:
    """The line's first open delivery, when it is due. A statement of its own: it must see what the lock waited for."""
    waiting = Delivery.objects.filter(stream=line.stream, handler=line.handler, state__in=OPEN_STATES)
    head = waiting.select_related("message").order_by("message_id").first()
    return head if head and head.is_due(at=at) else None


def _hand_over(delivery: Delivery, at: datetime) -> None:
    message = delivery.message
    subscription = subscriptions.subscription_of(event_name=message.event, handler_name=delivery.handler)
    subscription.handler(subscription.event.from_payload(message.payload))
    pending = Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.PENDING)
    if not pending.update(state=DeliveryState.DELIVERED, retry_at=None, last_error="", resolved_at=at):
        raise AlreadyDelivered(delivery.pk)


def _record_failure(delivery: Delivery, error: Exception, at: datetime) -> None:
    """Count the failure, unless someone else has moved the delivery since we read it."""
    attempts = delivery.attempts + 1
    is_dead = attempts >= max_attempts()
    with edge_transaction():
        Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.PENDING, attempts=delivery.attempts).update(
            attempts=F("attempts") + 1,
            state=DeliveryState.DEAD if is_dead else DeliveryState.PENDING,
            retry_at=None if is_dead else at + wait_after(attempts=attempts, jitter=random.random()),  # noqa: S311
            last_error=_describe(error),
        )


def max_attempts() -> int:
    """How many failures make a dead letter."""
    return int(getattr(settings, "OUTBOX_MAX_ATTEMPTS", 8))


def _describe(error: Exception) -> str:
    """Class, stable code and place of an error: never its text, which may name a person."""
    code = f" {error.code}" if isinstance(error, DomainError) else ""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__module__}.{type(error).__qualname__}{code}{place}"[:200]
