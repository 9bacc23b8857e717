"""Celery entry points of the mall. Each order is its own transaction: killed half-way, nothing is half done."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from celery import shared_task
from django.utils import timezone

from config.core.db import edge_transaction
from mall.selectors.overdue import received_order_ids, unpaid_order_ids
from mall.services import orders

logger = logging.getLogger(__name__)


@shared_task(name="mall.cancel_unpaid_orders")
def cancel_unpaid_orders(*, at: str | None = None, limit: int = 500) -> int:
    """Cancel up to `limit` orders whose time to pay has run out; returns how many."""
    moment = datetime.fromisoformat(at) if at else timezone.now()
    return _each(unpaid_order_ids(at=moment, limit=limit), moment, orders.cancel_if_overdue)


@shared_task(name="mall.complete_received_orders")
def complete_received_orders(*, at: str | None = None, limit: int = 500) -> int:
    """Complete up to `limit` received orders whose wait is over; returns how many."""
    moment = datetime.fromisoformat(at) if at else timezone.now()
    return _each(received_order_ids(at=moment, limit=limit), moment, orders.complete_if_due)


def _each(order_ids: Sequence[int], at: datetime, act: Callable[..., bool]) -> int:
    """One order that fails is logged and tried again next time; the others go on."""
    done = 0
    for order_id in order_ids:
        try:
            with edge_transaction():
                done += act(order_id=order_id, at=at)
        except Exception:
            logger.exception("an overdue order could not be moved on", extra={"order_id": order_id})
    return done
