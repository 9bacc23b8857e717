"""Totals over all accounts of an asset, for dashboards and finance."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, TruncDate

from config.core.time import SHANGHAI
from points.models import Account, Entry, Kind


@dataclass(frozen=True, kw_only=True, slots=True)
class Totals:
    """What an asset did in a period, all numbers >= 0.

    `issued` is earned and adjusted upward; `spent` is spent, captured and adjusted downward (what came back of it is
    `restored`); `clawed_back` is what clawbacks took or left owing.
    """

    issued: int
    spent: int
    restored: int
    lapsed: int
    clawed_back: int


def totals(*, asset: str, since: datetime, until: datetime) -> Totals:
    """What occurred in `[since, until)`, over all accounts. One query."""
    return Totals(**_occurred(asset, since, until).aggregate(**_sums()))


def daily_totals(*, asset: str, since: datetime, until: datetime) -> dict[date, Totals]:
    """The same by Shanghai day, oldest first; days without entries are left out. One query."""
    by_day = _occurred(asset, since, until).annotate(day=TruncDate("occurred_at", tzinfo=SHANGHAI)).values("day")
    return {row.pop("day"): Totals(**row) for row in by_day.annotate(**_sums()).order_by("day")}


def outstanding(*, asset: str) -> int:
    """What may still be redeemed: spendable, pending and held, over all accounts, as in finance's months. One query."""
    total: int = Account.objects.filter(asset=asset).aggregate(
        total=Coalesce(Sum(F("spendable") + F("pending") + F("held")), 0)
    )["total"]
    return total


def _occurred(asset: str, since: datetime, until: datetime) -> QuerySet[Entry]:
    return Entry.objects.filter(account__asset=asset, occurred_at__gte=since, occurred_at__lt=until)


def _sums() -> dict[str, Any]:
    up = Q(kind=Kind.EARN) | Q(kind=Kind.ADJUST, spendable__gt=0)
    down = Q(kind__in=[Kind.SPEND, Kind.CAPTURE]) | Q(kind=Kind.ADJUST, spendable__lt=0)
    return {
        "issued": Coalesce(Sum("points", filter=up), 0),
        "spent": Coalesce(Sum("points", filter=down), 0),
        "restored": Coalesce(Sum("points", filter=Q(kind=Kind.RESTORE)), 0),
        "lapsed": Coalesce(Sum("points", filter=Q(kind=Kind.EXPIRE)), 0),
        "clawed_back": Coalesce(Sum(F("arrears") - F("spendable"), filter=Q(kind=Kind.CLAWBACK)), 0),
    }
