"""One account's entries as plain values, newest first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db.models import F, Q, QuerySet

from points.models import Draw, Entry, Kind, Lot

Direction = Literal["all", "earned", "spent", "lapsed"]

# What a hold took is shown when it is taken; its capture changes nothing that can be spent. A clawback is always shown,
# and so is what was earned, though it be pending.
_VISIBLE = ~Q(spendable=0) | Q(kind__in=[Kind.CLAWBACK, Kind.EARN])
_DIRECTIONS: dict[Direction, Q] = {
    "all": Q(),
    "earned": Q(spendable__gt=0) | Q(kind=Kind.EARN),
    "spent": ~Q(kind__in=[Kind.EXPIRE, Kind.EARN]) & ~Q(spendable__gt=0),
    "lapsed": Q(kind=Kind.EXPIRE),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class EntryRow:
    """One line of a statement; `spendable` is the signed change of what can be used, `pending` of what is not yet.

    `hold_status` tells how a hold ended (open, captured, released); None for every other kind.
    """

    id: int
    kind: str
    points: int
    spendable: int
    pending: int
    held: int
    arrears: int
    lapsed: int
    forgiven: int
    spendable_after: int
    source: str
    reason: str
    occurred_at: datetime
    reverses_id: int | None
    caused_by_id: int | None
    hold_status: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class LotRow:
    """A lot that an entry made: how much of it is left, and until when."""

    points: int
    remaining: int
    earned_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class DrawRow:
    """What an entry took out of a lot (negative) or put back into it."""

    points: int
    earned_at: datetime
    expires_at: datetime | None


def entries(*, account: int, direction: Direction, before: int | None, limit: int) -> list[EntryRow]:
    """At most `limit` entries with ids below `before` (None: the newest). One query."""
    rows = Entry.objects.filter(_VISIBLE, _DIRECTIONS[direction], account_id=account)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return _read(rows.order_by("-pk")[:limit])


def entry(*, account: int, entry_id: int) -> EntryRow | None:
    """One entry of that account, or None. One query."""
    return next(iter(_read(Entry.objects.filter(account_id=account, pk=entry_id))), None)


def entry_id_of(*, account: int, key: str) -> int | None:
    """The id of the entry that was made under that key, or None. One query."""
    return Entry.objects.filter(account_id=account, key=key).values_list("pk", flat=True).first()


def lots_made(*, entry_id: int) -> list[LotRow]:
    """The lots that an entry made. One query."""
    rows = Lot.objects.filter(entry_id=entry_id).order_by("pk")
    return [LotRow(**row) for row in rows.values("points", "remaining", "earned_at", "expires_at")]


def draws_made(*, entry_id: int) -> list[DrawRow]:
    """The draws of an entry, in order. One query."""
    rows = Draw.objects.filter(entry_id=entry_id).order_by("pk")
    values = rows.values_list("points", "lot__earned_at", "lot__expires_at")
    return [DrawRow(points=points, earned_at=earned, expires_at=expires) for points, earned, expires in values]


def _read(rows: QuerySet[Entry]) -> list[EntryRow]:
    return [EntryRow(**row) for row in rows.annotate(hold_status=F("hold__status")).values(*EntryRow.__slots__)]
