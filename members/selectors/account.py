"""A member's account as staff see it: buckets, lots, holds, statement, and the balance at the end of a past day."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from config.core.time import day_bounds
from members.rules.statement import wording
from members.selectors.growth import qualifying_growth
from members.selectors.statement import StatementPage, statement
from points import ledger
from points.selectors.accounts import LotOnPage, OpenHold, lots_left, open_holds
from points.selectors.entries import Direction

Asset = Literal["points", "growth"]
MOST_LOTS = 100
MOST_HOLDS = 50


@dataclass(frozen=True, kw_only=True)
class LotInWords:
    """A lot, what brought it, how much of it is gone, and whether it has lapsed without having been booked yet."""

    lot: LotOnPage
    title: str
    used_percent: int
    has_lapsed: bool


@dataclass(frozen=True, kw_only=True)
class AccountPage:
    """One account. `has_more_lots`: more than those shown; `qualifying` is the growth that decides the tier."""

    balance: ledger.Balance
    lots: tuple[LotInWords, ...]
    has_more_lots: bool
    holds: tuple[OpenHold, ...]
    entries: StatementPage
    at_day_end: int | None
    qualifying: int | None


def account_page(
    *, account: int, asset: Asset, direction: Direction, before: int | None, day: date | None, at: datetime
) -> AccountPage:
    """The account now, one page of its entries, and its balance at the end of `day`. At most six queries."""
    lots = lots_left(account=account, limit=MOST_LOTS + 1)
    is_points = asset == "points"
    return AccountPage(
        balance=ledger.balance(account=account, at=at),
        lots=tuple(_in_words(lot, at) for lot in lots[:MOST_LOTS]),
        has_more_lots=len(lots) > MOST_LOTS,
        holds=tuple(open_holds(account=account, limit=MOST_HOLDS)) if is_points else (),
        entries=statement(account=account, direction=direction, before=before, limit=30),
        at_day_end=None if day is None else balance_at_day_end(account=account, day=day, at=at),
        qualifying=None if is_points else qualifying_growth(moments={account: at})[account],
    )


def balance_at_day_end(*, account: int, day: date, at: datetime) -> int:
    """What could be used at the last moment of a Shanghai day; today: now. One query."""
    end = day_bounds(day)[1] - timedelta(microseconds=1)
    return ledger.balance_as_of(account=account, at=min(end, at))


def _in_words(lot: LotOnPage, at: datetime) -> LotInWords:
    return LotInWords(
        lot=lot,
        title=wording(kind=lot.kind, source=lot.source).title,
        used_percent=(lot.points - lot.remaining) * 100 // lot.points,
        has_lapsed=lot.expires_at is not None and lot.expires_at <= at,
    )
