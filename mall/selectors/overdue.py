"""Orders that wait for the clock."""

from datetime import datetime, timedelta

from config.core import policies
from mall.models import Order


def unpaid_order_ids(*, at: datetime, limit: int) -> list[int]:
    """Unpaid orders whose time to pay has run out, the longest overdue first."""
    overdue = Order.objects.filter(status=Order.Status.CREATED, expires_at__lte=at)
    return list(overdue.order_by("expires_at", "pk").values_list("pk", flat=True)[:limit])


def received_order_ids(*, at: datetime, limit: int) -> list[int]:
    """Received orders whose wait is over, the longest received first."""
    waited = at - timedelta(days=policies.current().completed_after_received_days)
    due = Order.objects.filter(status=Order.Status.RECEIVED, received_at__lte=waited)
    return list(due.order_by("received_at", "pk").values_list("pk", flat=True)[:limit])
