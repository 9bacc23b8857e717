"""Taking back what a refunded order had earned, in proportion."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from campaigns.models import Receipt
from campaigns.rules.arithmetic import Step
from campaigns.rules.clawback import clawback, clawback_steps
from campaigns.selectors.earned import Earned, earned_by_order, goods_refunded_after
from config.core.db import transaction_required
from mall.selectors.judgement import judgement
from members.services.growth import reverse_growth
from points import ledger


@dataclass(frozen=True, kw_only=True)
class TakenBack:
    """How much a refund takes back now."""

    points: int
    growth: int


@transaction_required
def take_back_for_refund(*, order_id: int, refund_id: int, at: datetime) -> TakenBack:
    """Take back this refund's part of what its order earned, with a receipt of its own; again: nothing.

    An order that has not earned yet (refunded before it was completed) loses nothing: it will earn on what is left.
    """
    lock_earned(order_ids=[order_id])
    earned, occurrence = earned_by_order(order_id=order_id), f"refund:{refund_id}"
    if earned is None or Receipt.objects.filter(member_id=earned.member_id, occurrence=occurrence).exists():
        return TakenBack(points=0, growth=0)
    net = judgement(order_id=order_id).earn_base_cents
    refunded = earned.base_cents - net - goods_refunded_after(order_id=order_id, refund_id=refund_id)
    due = due_for(earned, refunded_so_far=refunded)
    if due.points or due.growth:
        receipt = receipt_of(earned, due, refunded=refunded, occurrence=occurrence, at=at)
        book(receipt=receipt, earned=earned)
    return due


@transaction_required
def lock_earned(*, order_ids: Sequence[int]) -> None:
    """Make two refunds of one order wait for each other: each counts what the one before took."""
    names = [f"order:{order_id}" for order_id in order_ids]
    receipts = Receipt.objects.filter(occurrence__in=names, trigger=Receipt.Trigger.ORDER_COMPLETED)
    list(receipts.order_by("member_id", "occurrence").select_for_update(no_key=True).values_list("pk"))


def due_for(earned: Earned, *, refunded_so_far: int) -> TakenBack:
    """What is to be taken now that so much of the base was refunded: handler and preview share this."""
    return TakenBack(
        points=clawback(
            earned=earned.points,
            base=earned.base_cents,
            refunded_so_far=refunded_so_far,
            taken_before=earned.points_taken,
        ),
        growth=clawback(
            earned=earned.growth,
            base=earned.base_cents,
            refunded_so_far=refunded_so_far,
            taken_before=earned.growth_taken,
        ),
    )


def receipt_of(
    earned: Earned,
    due: TakenBack,
    *,
    refunded: int,
    occurrence: str,
    at: datetime,
    trigger: str = Receipt.Trigger.ORDER_REFUNDED,
) -> Receipt:
    """The receipt of a taking back, not saved and without its ledger entries."""
    return Receipt(
        member_id=earned.member_id,
        occurrence=occurrence,
        trigger=trigger,
        origin_id=earned.receipt_id,
        points=-due.points,
        growth=-due.growth,
        base_cents=earned.base_cents,
        steps=[asdict(step) for step in _steps(earned, due, refunded)],
        at=at,
        created_at=at,
    )


@transaction_required
def book(*, receipt: Receipt, earned: Earned) -> None:
    """Save a receipt of taking back, and take what it says from the entries of what was earned."""
    if receipt.points and earned.points_entry_id:
        entry = ledger.reverse(
            entry=earned.points_entry_id,
            key=f"{receipt.occurrence}:points",
            at=receipt.at,
            points=-receipt.points,
            reason=receipt.trigger,
        )
        receipt.points_entry_id = entry.id
    if receipt.growth and earned.growth_entry_id:
        entry = reverse_growth(
            member_id=earned.member_id,
            entry_id=earned.growth_entry_id,
            key=f"{receipt.occurrence}:growth",
            at=receipt.at,
            points=-receipt.growth,
            cause=receipt.occurrence,
        )
        receipt.growth_entry_id = entry.id
    receipt.save()


def _steps(earned: Earned, due: TakenBack, refunded: int) -> Sequence[Step]:
    base = earned.base_cents
    return [
        *clawback_steps(
            asset="points",
            earned=earned.points,
            base=base,
            refunded_so_far=refunded,
            taken_before=earned.points_taken,
            taken=due.points,
        ),
        *clawback_steps(
            asset="growth",
            earned=earned.growth,
            base=base,
            refunded_so_far=refunded,
            taken_before=earned.growth_taken,
            taken=due.growth,
        ),
    ]
