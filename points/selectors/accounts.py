"""One account's lots and holds with where they came from, for its page; and which postings of a batch are booked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from config.core.db import fetch_all
from points.models import Hold, HoldStatus, Lot

_BOOKED = """
SELECT wanted.place
FROM unnest(%(accounts)s::bigint[], %(keys)s::text[]) WITH ORDINALITY AS wanted (account, key, place)
WHERE EXISTS (SELECT FROM points_entry AS entry WHERE entry.account_id = wanted.account AND entry.key = wanted.key)
    OR EXISTS (
        SELECT FROM points_account AS account, LATERAL ledger_entry_of_family(account.id, wanted.key)
        WHERE account.id = wanted.account AND account.has_absorbed
    )
ORDER BY wanted.place
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class LotOnPage:
    """批次. What is left of points that were earned together, and the entry that brought them."""

    id: int
    entry_id: int
    kind: str
    source: str
    origin_id: int | None
    points: int
    remaining: int
    pending: bool
    earned_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenHold:
    """冻结. Points set aside for what is not paid yet."""

    id: int
    entry_id: int
    source: str
    points: int
    held_at: datetime
    until: datetime


def lots_left(*, account: int, limit: int, pending: bool | None = None) -> list[LotOnPage]:
    """At most `limit` lots with something left, in spending order; all, or those pending, or those not. One query."""
    lots = Lot.objects.filter(account_id=account, is_open=True)
    if pending is not None:
        lots = lots.filter(pending=pending)
    lots = lots.order_by(F("expires_at").asc(nulls_last=True), "earned_at", "pk")
    rows = lots.annotate(kind=F("entry__kind"), source=F("entry__source"))[:limit]
    return [LotOnPage(**row) for row in rows.values(*LotOnPage.__slots__)]


def open_holds(*, account: int, limit: int) -> list[OpenHold]:
    """At most `limit` open holds, the oldest first. One query."""
    holds = Hold.objects.filter(account_id=account, status=HoldStatus.OPEN).order_by("pk")
    rows = holds.annotate(source=F("entry__source"), held_at=F("entry__occurred_at"))[:limit]
    return [OpenHold(**row) for row in rows.values(*OpenHold.__slots__)]


def booked(*, postings: Sequence[tuple[int, str]]) -> set[int]:
    """Which of these (account, key) have an entry, also in a merged account, by place in the sequence. One query."""
    accounts, keys = [account for account, _ in postings], [key for _, key in postings]
    return {place - 1 for (place,) in fetch_all(_BOOKED, {"accounts": accounts, "keys": keys})}
