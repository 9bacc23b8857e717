"""Booking what was decided: receipts, ledger entries and grants, set-based, in the caller's transaction.

Locks are taken in one order: receipts by (member, occurrence), points accounts, growth accounts, members.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from campaigns.rules.expiry import expires_at
from campaigns.rules.occurrence import Decided
from campaigns.services import grants, receipts
from config.core import policies
from config.core.db import transaction_required
from members.models import Member
from members.services import tiers
from points import ledger


@dataclass(frozen=True, kw_only=True)
class _Accounts:
    points: int
    growth: int


@transaction_required
def give(*, decided: Sequence[Decided], cause: str) -> dict[tuple[int, str], int]:
    """Book every decision that was not booked before; the new receipts' ids by (member, occurrence).

    An occurrence about which there is nothing to say leaves no receipt. Closed members are given nothing. Tiers are
    looked at once per member, as of the latest occurrence that brought growth.
    """
    telling = [one for one in decided if one.decision.points or one.decision.parts or one.decision.nearly]
    accounts = _accounts({one.occurrence.member_id for one in telling})
    claimed = receipts.claim(decided=[one for one in telling if one.occurrence.member_id in accounts])
    new = _claimed_once(telling, claimed)
    points = _post_points(new, accounts, claimed)
    growth = _post_growth(new, accounts, claimed)
    if points or growth:
        receipts.attach_entries(receipts=sorted({*points, *growth}), points=points, growth=growth)
    grants.write(given=new, receipts=claimed)
    if growth:
        tiers.reevaluate_many(moments=_risen(new), cause=cause)
    return claimed


def _risen(new: Sequence[Decided]) -> dict[int, datetime]:
    """Who got growth, and when they got it last."""
    moments: dict[int, datetime] = {}
    for one in new:
        if one.decision.growth:
            member_id, at = one.occurrence.member_id, one.occurrence.at
            moments[member_id] = max(at, moments.get(member_id, at))
    return moments


def _name(one: Decided) -> tuple[int, str]:
    return one.occurrence.member_id, one.occurrence.name


def _claimed_once(telling: Sequence[Decided], claimed: Mapping[tuple[int, str], int]) -> list[Decided]:
    """What is ours to give; an occurrence that stands twice in the batch is given once."""
    first: dict[tuple[int, str], Decided] = {}
    for one in telling:
        if _name(one) in claimed:
            first.setdefault(_name(one), one)
    return list(first.values())


def _accounts(member_ids: set[int]) -> dict[int, _Accounts]:
    rows = Member.objects.filter(pk__in=member_ids).exclude(status=Member.Status.CLOSED)
    return {
        member_id: _Accounts(points=points, growth=growth)
        for member_id, points, growth in rows.values_list("pk", "points_account_id", "growth_account_id")
    }


def _post_points(
    new: Sequence[Decided], accounts: Mapping[int, _Accounts], claimed: Mapping[tuple[int, str], int]
) -> dict[int, int]:
    giving = [one for one in new if one.decision.points]
    months = policies.current().points_expiry_months
    entries = ledger.post_many(
        [
            ledger.Posting(
                account=accounts[one.occurrence.member_id].points,
                points=one.decision.points,
                key=one.occurrence.points_posting_key,
                source=one.occurrence.name,
                at=one.occurrence.at,
                expires_at=expires_at(at=one.occurrence.at, months=months),
                reason=one.occurrence.trigger,
                pending=one.occurrence.is_pending,
            )
            for one in giving
        ]
    )
    return {claimed[_name(one)]: entry for one, entry in zip(giving, entries, strict=True)}


def _post_growth(
    new: Sequence[Decided], accounts: Mapping[int, _Accounts], claimed: Mapping[tuple[int, str], int]
) -> dict[int, int]:
    giving = [one for one in new if one.decision.growth]
    entries = ledger.post_many(
        [
            ledger.Posting(
                account=accounts[one.occurrence.member_id].growth,
                points=one.decision.growth,
                key=one.occurrence.growth_posting_key,
                source=one.occurrence.name,
                at=one.occurrence.at,
                reason=one.occurrence.trigger,
            )
            for one in giving
        ]
    )
    return {claimed[_name(one)]: entry for one, entry in zip(giving, entries, strict=True)}
