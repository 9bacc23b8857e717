"""Refunds as the rooms above need them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mall.models import Refund


@dataclass(frozen=True, kw_only=True)
class RefundMoment:
    """Which order a refund belongs to, and when it was made."""

    refund_id: int
    order_id: int
    at: datetime


def refund_moments(*, refund_ids: Sequence[int]) -> list[RefundMoment]:
    """These refunds, oldest first. One query."""
    rows = Refund.objects.filter(pk__in=refund_ids).order_by("created_at", "pk")
    return [
        RefundMoment(refund_id=pk, order_id=order_id, at=at)
        for pk, order_id, at in rows.values_list("pk", "order_id", "created_at")
    ]
