"""Celery entry points of members."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from config.core.db import edge_transaction
from members.services import login_codes

_KEPT = timedelta(days=2)  # longer than any limit looks back


@shared_task(name="members.prune_login_codes")
def prune_login_codes() -> None:
    """Delete log-in codes that count towards no limit any more. Safe to run twice."""
    with edge_transaction():
        login_codes.prune(before=timezone.now() - _KEPT)
