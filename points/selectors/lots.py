"""Lots read set-based: what remains of what was earned when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Sum

from points.models import Lot


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenLot:
    """批次. What is left of points that were earned together."""

    id: int
    entry_id: int
    points: int
    remaining: int
    pending: bool
    earned_at: datetime
    expires_at: datetime | None


def open_lots(*, account: int) -> list[OpenLot]:
    """Lots with something left, in spending order; lapsed ones that no job has booked yet are among them. One query."""
    lots = Lot.objects.filter(account_id=account, remaining__gt=0)
    in_order = lots.order_by(F("expires_at").asc(nulls_last=True), "earned_at", "pk")
    return [OpenLot(**row) for row in in_order.values(*OpenLot.__slots__)]


def remaining_by_account(*, accounts: Sequence[int], since: datetime | None, until: datetime) -> dict[int, int]:
    """By account, what remains of the lots earned after `since` (None: ever) and not after `until`. One query."""
    lots = Lot.objects.filter(account__in=accounts, remaining__gt=0, pending=False, earned_at__lte=until)
    if since is not None:
        lots = lots.filter(earned_at__gt=since)
    rows = lots.values("account_id").annotate(total=Sum("remaining")).values_list("account_id", "total")
    return dict(rows.order_by("account_id"))
