"""Celery entry points of the ledger."""

from datetime import datetime

from celery import shared_task
from django.utils import timezone

from config.core.db import edge_transaction
from points import ledger


@shared_task(name="points.expire")
def expire(*, at: str | None = None, limit: int = 5000) -> None:
    """Book what has lapsed, one chunk of `limit` lots per run; queues itself for the next chunk until nothing is left.

    Safe to run twice and to be killed: a chunk is one transaction, and a booked lot has nothing left to book.
    """
    moment = datetime.fromisoformat(at) if at else timezone.now()
    with edge_transaction():
        report = ledger.expire(at=moment, limit=limit)
    if report.lots == limit:
        expire.apply_async(kwargs={"at": moment.isoformat(), "limit": limit})
