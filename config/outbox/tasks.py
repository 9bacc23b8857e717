"""Celery entry points of the outbox."""

from celery import shared_task
from django.utils import timezone

from config.outbox.services import deliveries, retention


@shared_task(name="outbox.deliver_streams")
def deliver_streams(*, streams: list[str]) -> None:
    """Deliver what is due in these streams."""
    deliveries.deliver(streams=streams, at=timezone.now(), limit=1000)


@shared_task(name="outbox.sweep")
def sweep(*, limit: int = 5000) -> None:
    """Deliver what nudges have missed."""
    deliveries.sweep(at=timezone.now(), limit=limit)


@shared_task(name="outbox.prune")
def prune() -> None:
    """Forget what is done and old."""
    retention.prune(at=timezone.now())
