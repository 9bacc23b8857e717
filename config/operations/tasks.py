"""Celery entry points of operations."""

import logging

from celery import shared_task
from django.utils import timezone

from config.operations import noticeboard
from points import ledger

logger = logging.getLogger(__name__)


@shared_task(name="operations.heartbeat")
def heartbeat() -> None:
    """Say that beat sends and a worker works."""
    noticeboard.note("heartbeat", timezone.now().timestamp())


@shared_task(name="operations.audit_ledger")
def audit_ledger() -> None:
    """Check every sum of the ledger, and leave the number that doesn't hold for /metrics."""
    found = ledger.audit()
    for discrepancy in found[:20]:
        logger.error(
            "a sum of the ledger does not hold", extra={"rule": discrepancy.rule, "account": discrepancy.account}
        )
    noticeboard.note("ledger-discrepancies", len(found))
    noticeboard.note("ledger-audited", timezone.now().timestamp())
