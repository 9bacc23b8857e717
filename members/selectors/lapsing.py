"""What of a member's points lapses when, and what is still to come."""

from dataclasses import dataclass
from datetime import date, datetime

from members.rules.statement import days_left, last_day, wording
from points import ledger
from points.selectors.accounts import lots_left

_SOON_DAYS = 30
_MOST = 36  # moments shown; by default points lapse at a month's end, a year of them is twelve
_PENDING = 20


@dataclass(frozen=True, kw_only=True)
class LapsingPoints:
    """Points that lapse together: usable through `last_day`, in `days_left` days (0: today)."""

    points: int
    expires_at: datetime
    last_day: date
    days_left: int
    is_soon: bool


@dataclass(frozen=True, kw_only=True)
class PendingPoints:
    """Points earned that can't be used yet, and what earned them."""

    entry_id: int
    title: str
    points: int
    earned_at: datetime


@dataclass(frozen=True, kw_only=True)
class Lapsing:
    """Of `available` points `soon` lapse within 30 days, and `lasting` never do; `later` of them after those shown."""

    available: int
    soon: int
    lasting: int
    later: int
    moments: tuple[LapsingPoints, ...]


def lapsing(*, account: int, at: datetime) -> Lapsing:
    """What lapses when, the soonest first. One query."""
    balance = ledger.balance(account=account, at=at)
    moments = [_lapsing(moment, points, at) for moment, points in balance.lapsing]
    return Lapsing(
        available=balance.spendable,
        soon=sum(one.points for one in moments if one.is_soon),
        lasting=balance.spendable - sum(one.points for one in moments),
        later=sum(one.points for one in moments[_MOST:]),
        moments=tuple(moments[:_MOST]),
    )


def pending_points(*, account: int) -> tuple[PendingPoints, ...]:
    """The first twenty earnings that wait to become usable, the oldest first. One query."""
    return tuple(
        PendingPoints(
            entry_id=lot.entry_id,
            title=wording(kind=lot.kind, source=lot.source).title,
            points=lot.remaining,
            earned_at=lot.earned_at,
        )
        for lot in lots_left(account=account, limit=_PENDING, pending=True)
    )


def _lapsing(moment: datetime, points: int, at: datetime) -> LapsingPoints:
    left = days_left(moment, at=at)
    return LapsingPoints(
        points=points, expires_at=moment, last_day=last_day(moment), days_left=left, is_soon=left <= _SOON_DAYS
    )
