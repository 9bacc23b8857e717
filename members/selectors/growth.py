"""Growth that counts for the tier."""

from collections.abc import Mapping
from datetime import datetime

from config.core import policies
from config.core.db import Ask
from members.rules.periods import Qualification, Way, counted_since
from points import ledger
from points.ledger import Balance
from points.selectors.lots import Window, remaining_by_account


def shops_way() -> Way:
    """How members qualify for tiers in this shop. No query."""
    shop = policies.current()
    return Way(
        qualification=Qualification(shop.tier_qualification),
        months=shop.growth_window_months,
        grace_days=shop.tier_grace_days,
    )


def balance_with_growth(*, points_account: int, growth_account: int, at: datetime) -> Ask[tuple[Balance, int]]:
    """The question of a member's points and of the growth that counts now, as `qualifying_growth` counts it."""
    since = counted_since(at=at, way=shops_way())
    return ledger.balance_with_growth(account=points_account, growth_account=growth_account, since=since, at=at)


def qualifying_growth(*, moments: Mapping[int, datetime]) -> dict[int, int]:
    """By growth account: what remains of the growth earned since the shop's window before its moment opened. One query.

    Growth that is booked already counts even when it was earned after the moment: of two orders that complete at once,
    the one that is booked last may be the earlier one, and then nobody looks again.
    """
    way = shops_way()
    windows = [Window(account=account, since=counted_since(at=at, way=way)) for account, at in moments.items()]
    remaining = remaining_by_account(windows=windows)
    return {account: remaining.get(account, 0) for account in moments}
