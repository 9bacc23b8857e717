"""Lots read set-based: what remains of what was earned when."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Sum

from points.models import Lot


def remaining_by_account(*, accounts: Sequence[int], since: datetime | None, until: datetime) -> dict[int, int]:
    """By account, what remains of the lots earned after `since` (None: ever) and not after `until`. One query."""
    lots = Lot.objects.filter(account__in=accounts, remaining__gt=0, pending=False, earned_at__lte=until)
    if since is not None:
        lots = lots.filter(earned_at__gt=since)
    rows = lots.values("account_id").annotate(total=Sum("remaining")).values_list("account_id", "total")
    return dict(rows.order_by("account_id"))
