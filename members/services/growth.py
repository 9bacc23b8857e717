"""Growth is posted through here only, so that the tier follows in the same transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from config.core.db import transaction_required
from members.models import Member
from members.selectors.growth import qualifying_growth
from members.selectors.merging import current_member_id, current_member_ids
from members.services import tiers
from points import ledger


@dataclass(frozen=True, kw_only=True, slots=True)
class Taking:
    """Growth to take back from what one entry brought; `points` None: all that is left of it."""

    member_id: int
    entry_id: int
    points: int | None
    key: str
    at: datetime


@transaction_required
def post_growth(*, member_id: int, points: int, key: str, source: str, at: datetime, cause: str) -> ledger.Entry:
    """Earn growth and lift the member when it reaches a higher tier. The same key again changes nothing."""
    member_id = current_member_id(member_id=member_id)
    account = Member.objects.values_list("growth_account_id", flat=True).get(pk=member_id)
    entry = ledger.earn(account=account, points=points, key=key, source=source, at=at)
    tiers.reevaluate(member_id=member_id, at=at, cause=cause)
    return entry


@transaction_required
def reverse_growth(
    *, member_id: int, entry_id: int, key: str, at: datetime, cause: str, points: int | None = None
) -> ledger.Entry:
    """Take earned growth back (None: all that is left of the entry) and look at the tier again."""
    taking = Taking(member_id=member_id, entry_id=entry_id, points=points, key=key, at=at)
    return reverse_growth_many(takings=[taking], cause=cause)[0]


@transaction_required
def reverse_growth_many(*, takings: Sequence[Taking], cause: str) -> list[ledger.Entry]:
    """Take earned growth back, in the given order, and look once at each member's tier, as of their latest taking."""
    if not takings:
        return []
    current = current_member_ids(member_ids=[one.member_id for one in takings])
    moments: dict[int, datetime] = {}
    for one in takings:
        member_id = current[one.member_id]
        moments[member_id] = max(one.at, moments.get(member_id, one.at))
    owners = Member.objects.filter(pk__in=moments)
    accounts = dict(owners.order_by("pk").values_list("pk", "growth_account_id"))
    ledger.lock(accounts=list(accounts.values()))
    before = qualifying_growth(moments={accounts[pk]: at for pk, at in moments.items()})
    entries = [ledger.reverse(entry=one.entry_id, key=one.key, at=one.at, points=one.points) for one in takings]
    growth_before = {pk: before[account] for pk, account in accounts.items()}
    tiers.reevaluate_after_taking_back(growth_before=growth_before, moments=moments, cause=cause)
    return entries
