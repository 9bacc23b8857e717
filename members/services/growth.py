"""Growth is posted through here only, so that the tier follows in the same transaction."""

from datetime import datetime

from config.core.db import transaction_required
from members.models import Member
from members.selectors.growth import qualifying_growth
from members.services import tiers
from points import ledger


@transaction_required
def post_growth(*, member_id: int, points: int, key: str, source: str, at: datetime, cause: str) -> ledger.Entry:
    """Earn growth and lift the member when it reaches a higher tier. The same key again changes nothing."""
    entry = ledger.earn(account=_growth_account(member_id), points=points, key=key, source=source, at=at)
    tiers.reevaluate(member_id=member_id, at=at, cause=cause)
    return entry


@transaction_required
def reverse_growth(
    *, member_id: int, entry_id: int, key: str, at: datetime, cause: str, points: int | None = None
) -> ledger.Entry:
    """Take earned growth back (None: all that is left of the entry) and look at the tier again."""
    account = _growth_account(member_id)
    ledger.lock(accounts=[account])
    before = qualifying_growth(moments={account: at})[account]
    entry = ledger.reverse(entry=entry_id, key=key, at=at, points=points)
    tiers.reevaluate_after_taking_back(member_id=member_id, growth_before=before, at=at, cause=cause)
    return entry


def _growth_account(member_id: int) -> int:
    return Member.objects.values_list("growth_account_id", flat=True).get(pk=member_id)
