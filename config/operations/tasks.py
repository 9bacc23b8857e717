"""Celery entry points of operations."""

from celery import shared_task
from django.utils import timezone

from config.core.db import edge_transaction
from config.operations import noticeboard
from points.services import auditing


@shared_task(name="operations.heartbeat")
def heartbeat() -> None:
    """Say that beat sends and a worker works."""
    noticeboard.note("heartbeat", timezone.now().timestamp())


@shared_task(name="operations.audit_ledger")
def audit_ledger() -> None:
    """Check every sum of the ledger and its chain of seals; keep the result, and tell /metrics what doesn't hold."""
    at = timezone.now()
    with edge_transaction():
        run_id = auditing.begin(at=at)
    with edge_transaction():
        outcome = auditing.finish(run_id=run_id, at=at)
    noticeboard.note("ledger-discrepancies", outcome.found)
    noticeboard.note("ledger-audited", timezone.now().timestamp())
