"""Lots read set-based: what remains of what was earned when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import F

from config.core.db import fetch_all_prepared
from points.models import Lot

_REMAINING = """
SELECT wanted.account, sum(lot.remaining)::bigint
FROM unnest(%(accounts)s::bigint[], %(since)s::timestamptz[], %(until)s::timestamptz[])
    AS wanted (account, since, until)
JOIN points_lot AS lot ON lot.account_id = wanted.account
WHERE lot.is_open AND NOT lot.pending
    AND (wanted.until IS NULL OR lot.earned_at <= wanted.until)
    AND (wanted.since IS NULL OR lot.earned_at > wanted.since)
GROUP BY wanted.account
ORDER BY wanted.account
"""


class Window(NamedTuple):
    """An account's time: after `since` (None: ever) and not after `until` (None: whatever is booked)."""

    account: int
    since: datetime | None
    until: datetime | None = None


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
    lots = Lot.objects.filter(account_id=account, is_open=True)
    in_order = lots.order_by(F("expires_at").asc(nulls_last=True), "earned_at", "pk")
    return [OpenLot(**row) for row in in_order.values(*OpenLot.__slots__)]


def remaining_by_account(*, windows: Sequence[Window]) -> dict[int, int]:
    """By account, what remains of the lots earned in its window; accounts with nothing are left out. One query."""
    rows = fetch_all_prepared(
        _REMAINING,
        {
            "accounts": [window.account for window in windows],
            "since": [window.since for window in windows],
            "until": [window.until for window in windows],
        },
    )
    return dict(rows)
