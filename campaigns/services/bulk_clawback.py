"""Taking back for thousands of refunds at a time: the same arithmetic and rows as one by one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from campaigns.models import Receipt
from campaigns.selectors.earned import Earned, earned_by_orders, net_by_refund
from campaigns.services.clawback import TakenBack, due_for, lock_earned, receipt_of
from config.core.db import transaction_required
from mall.selectors.refunds import RefundMoment
from members.models import Member
from members.services.growth import Taking, reverse_growth_many
from points import ledger

_REASON = Receipt.Trigger.ORDER_REFUNDED.value


@dataclass(frozen=True, kw_only=True, slots=True)
class _Due:
    """What one refund takes back of what its order earned."""

    refund_id: int
    at: datetime
    earned: Earned
    refunded: int
    taken: TakenBack

    @property
    def occurrence(self) -> str:
        return f"refund:{self.refund_id}"


@transaction_required
def take_back_for_refunds(*, refunds: Sequence[RefundMoment], cause: str) -> int:
    """Take back what these refunds' orders had earned, oldest first; how many took something. Again: nothing.

    Tiers are looked at once per member, as of their latest refund.
    """
    lock_earned(order_ids=[refund.order_id for refund in refunds])
    dues = [due for due in _dues(refunds) if due.taken.points or due.taken.growth]
    points = _reverse_points(dues)
    growth = _reverse_growth(dues, cause)
    receipts = [
        receipt_of(due.earned, due.taken, refunded=due.refunded, occurrence=due.occurrence, at=due.at) for due in dues
    ]
    for due, receipt in zip(dues, receipts, strict=True):
        receipt.points_entry_id = points.get(due.refund_id)
        receipt.growth_entry_id = growth.get(due.refund_id)
    Receipt.objects.bulk_create(receipts, batch_size=1000)
    return len(dues)


def _dues(refunds: Sequence[RefundMoment]) -> Iterator[_Due]:
    """Each refund's part, in order: a second one of the same order counts what the first took."""
    earned = earned_by_orders(order_ids=[refund.order_id for refund in refunds])
    net = net_by_refund(refund_ids=[refund.refund_id for refund in refunds])
    names = [f"refund:{refund.refund_id}" for refund in refunds]
    done = set(Receipt.objects.filter(occurrence__in=names).values_list("occurrence", flat=True))
    for refund in sorted(refunds, key=lambda one: one.refund_id):
        known = earned.get(refund.order_id)
        if known is None or f"refund:{refund.refund_id}" in done:
            continue
        refunded = known.base_cents - net[refund.refund_id]
        taken = due_for(known, refunded_so_far=refunded)
        yield _Due(refund_id=refund.refund_id, at=refund.at, earned=known, refunded=refunded, taken=taken)
        earned[refund.order_id] = replace(
            known,
            points_taken=known.points_taken + taken.points,
            growth_taken=known.growth_taken + taken.growth,
        )


def _reverse_points(dues: Sequence[_Due]) -> dict[int, int]:
    """Ledger entries by refund."""
    members = Member.objects.filter(pk__in={due.earned.member_id for due in dues})
    ledger.lock(accounts=list(members.order_by("pk").values_list("points_account_id", flat=True)))
    entries: dict[int, int] = {}
    for due in dues:
        if due.taken.points and due.earned.points_entry_id:
            entry = ledger.reverse(
                entry=due.earned.points_entry_id,
                key=f"{due.occurrence}:points",
                at=due.at,
                points=due.taken.points,
                reason=_REASON,
            )
            entries[due.refund_id] = entry.id
    return entries


def _reverse_growth(dues: Sequence[_Due], cause: str) -> dict[int, int]:
    """Ledger entries by refund."""
    taking = {
        due.refund_id: Taking(
            member_id=due.earned.member_id,
            entry_id=due.earned.growth_entry_id,
            points=due.taken.growth,
            key=f"{due.occurrence}:growth",
            at=due.at,
        )
        for due in dues
        if due.taken.growth and due.earned.growth_entry_id
    }
    entries = reverse_growth_many(takings=list(taking.values()), cause=cause)
    return {refund_id: entry.id for refund_id, entry in zip(taking, entries, strict=True)}
