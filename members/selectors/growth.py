"""Growth that counts for the tier."""

from collections.abc import Mapping
from datetime import datetime

from config.core import policies
from members.rules.tiers import window_start
from points import ledger
from points.ledger import Balance
from points.selectors.lots import Window, remaining_by_account


def balance_with_growth(*, points_account: int, growth_account: int, at: datetime) -> tuple[Balance, int]:
    """A member's points and the growth that counts now, as `qualifying_growth` counts it. One query."""
    since = window_start(at=at, months=policies.current().growth_window_months)
    found = ledger.balance_with_growth(account=points_account, growth_account=growth_account, since=since, at=at)
    return found, found.growth or 0


def qualifying_growth(*, moments: Mapping[int, datetime]) -> dict[int, int]:
    """By growth account: what remains of the growth earned since the shop's window before its moment opened. One query.

    Growth that is booked already counts even when it was earned after the moment: of two orders that complete at once,
    the one that is booked last may be the earlier one, and then nobody looks again.
    """
    months = policies.current().growth_window_months
    windows = [Window(account=account, since=window_start(at=at, months=months)) for account, at in moments.items()]
    remaining = remaining_by_account(windows=windows)
    return {account: remaining.get(account, 0) for account in moments}
