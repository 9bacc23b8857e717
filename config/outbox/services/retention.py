"""Pruning what is done: in chunks, each in a transaction of its own, so that a killed run has lost nothing."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef

from config.core import policies
from config.core.db import edge_transaction
from config.outbox.models import OPEN_STATES, Delivery, IdempotencyKey, Message
from config.outbox.services.answers import ANSWERS_KEPT

_CHUNK = 5000


def prune(*, at: datetime) -> None:
    """Delete what is done and old."""
    prune_messages(at=at)
    prune_answers(at=at)


def prune_messages(*, at: datetime, chunk: int = _CHUNK) -> int:
    """Delete messages past the retention policy that no handler waits for; returns how many."""
    cutoff = at - timedelta(days=policies.current().outbox_keep_days)
    is_waited_for = Exists(Delivery.objects.filter(message=OuterRef("pk"), state__in=OPEN_STATES))
    old = Message.objects.filter(~is_waited_for, published_at__lt=cutoff).order_by("published_at", "pk")
    deleted = 0
    while ids := list(old.values_list("pk", flat=True)[:chunk]):
        with edge_transaction():
            Delivery.objects.filter(message_id__in=ids).delete()
            deleted += Message.objects.filter(pk__in=ids).delete()[0]
    return deleted


def prune_answers(*, at: datetime, chunk: int = _CHUNK) -> int:
    """Delete answers to API writes that are a day old; returns how many."""
    old = IdempotencyKey.objects.filter(created_at__lt=at - ANSWERS_KEPT).order_by("created_at", "pk")
    deleted = 0
    while ids := list(old.values_list("pk", flat=True)[:chunk]):
        with edge_transaction():
            deleted += IdempotencyKey.objects.filter(pk__in=ids).delete()[0]
    return deleted
