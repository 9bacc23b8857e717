"""Growth that counts for the tier."""

from collections.abc import Sequence
from datetime import datetime

from config.core import policies
from members.rules.tiers import window_start
from points.selectors.lots import remaining_by_account


def qualifying_growth(*, accounts: Sequence[int], at: datetime) -> dict[int, int]:
    """By growth account: what remains of the growth earned within the shop's window before `at`. One query."""
    since = window_start(at=at, months=policies.current().growth_window_months)
    remaining = remaining_by_account(accounts=accounts, since=since, until=at)
    return {account: remaining.get(account, 0) for account in accounts}
