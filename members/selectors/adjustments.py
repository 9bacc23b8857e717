"""What was adjusted by hand, and what waits for a second person."""

from datetime import datetime

from django.db.models import QuerySet, Sum
from django.db.models.functions import Coalesce

from members.models import AdjustmentRequest, PointsNote


def adjusted_since(*, member_id: int, operator_id: int, since: datetime) -> int:
    """How many points that operator gave to and took from the member by hand, counted together. One query.

    What a second person approved does not count.
    """
    alone = PointsNote.objects.filter(member_id=member_id, operator_id=operator_id, created_at__gte=since)
    approved = AdjustmentRequest.objects.filter(member_id=member_id, entry__isnull=False).values("entry_id")
    total: int = alone.exclude(entry_id__in=approved).aggregate(total=Coalesce(Sum("entry__points"), 0))["total"]
    return total


def waiting(*, at: datetime) -> QuerySet[AdjustmentRequest]:
    """Requests that can still be approved."""
    return AdjustmentRequest.objects.filter(status=AdjustmentRequest.Status.PENDING, expires_at__gt=at)


def waiting_count(*, at: datetime) -> int:
    """How many wait for a second person. One query."""
    return waiting(at=at).count()
