"""Periodic work of campaigns: one call each, safe to run twice."""

from datetime import datetime

from celery import shared_task
from django.utils import timezone

from campaigns.services import announcing, birthdays
from config.core.db import edge_transaction


@shared_task(name="campaigns.grant_birthdays")
def grant_birthdays(*, at: str | None = None, limit: int = 500) -> int:
    """Give today's birthday gifts chunk by chunk; `at` (ISO) makes up for a day on which nothing ran."""
    moment = datetime.fromisoformat(at) if at else timezone.now()
    given, after = 0, 0
    while True:
        with edge_transaction():
            chunk = birthdays.grant_birthdays(at=moment, after_member_id=after, limit=limit)
        given += chunk.members
        if chunk.last_member_id is None:
            return given
        after = chunk.last_member_id


@shared_task(name="campaigns.announce_starts_and_ends")
def announce_starts_and_ends() -> int:
    """Tell who listens which campaigns started and ended."""
    with edge_transaction():
        return announcing.announce_starts_and_ends(at=timezone.now())
