"""What benefits of tiers and plans promised: points are given, once; what nothing delivers yet is written down.

The row of a gift is the claim: whoever writes it first gives, everyone else finds it there.
"""

from dataclasses import asdict
from datetime import datetime

from campaigns.models import BenefitGift, Receipt
from campaigns.rules.context import Context
from campaigns.rules.gifts import FeeReturned, Promise, decision_of, gift_name, taken_back_steps
from campaigns.rules.occurrence import Decided, Occurrence
from campaigns.selectors.benefit_gifts import WelcomeGift, grantor_name, welcome_gifts
from campaigns.selectors.earned import earned_by_occurrence
from campaigns.services import clawback
from campaigns.services.giving import give
from campaigns.services.telling import tell_gained
from config.core.db import transaction_required
from members.models import Member
from members.rules.plans import gift_taken_back
from members.selectors.merging import current_member_id

_State = BenefitGift.State


@transaction_required
def give_promised(*, member_id: int, promise: Promise, at: datetime) -> int | None:
    """Give the points of a benefit, or write down that it waits; the receipt's id.

    None: it waits, it was given before, the member has left, or the benefit has no points of its own: campaigns give.
    """
    if not (promise.points or promise.is_waiting):
        return None
    gift = _claim(current_member_id(member_id=member_id), promise, at)
    if gift is None:
        return None
    if not promise.points:
        _give_up_for_the_closed(gift)
        return None
    name = f"{gift.kind}:{gift.pk}"
    occurrence = Occurrence(
        member_id=gift.member_id,
        trigger=Receipt.Trigger.BENEFIT_DUE,
        name=name,
        title=gift.title,
        context=Context(at=at),
        at=at,
    )
    decided = [Decided(occurrence=occurrence, decision=decision_of(name=gift.title, points=gift.points))]
    claimed = give(decided=decided, cause=name)
    gift.receipt_id = claimed.get((gift.member_id, name))
    gift.state = _State.GIVEN if gift.receipt_id else _State.VOID
    gift.save(update_fields=["receipt_id", "state"])
    tell_gained(decided=decided, claimed=claimed)
    return gift.receipt_id


@transaction_required
def take_back_welcome(*, member_id: int, plan_code: str, fee: FeeReturned, at: datetime) -> int:
    """Take back what opening the plan had brought, by the rule for the fee, once; how many points are to go."""
    gifts = welcome_gifts(member_id=current_member_id(member_id=member_id), plan_code=plan_code)
    return sum([_take_back(gift, fee, at) for gift in gifts])


def _take_back(gift: WelcomeGift, fee: FeeReturned, at: datetime) -> int:
    receipt = _locked(gift.receipt_id)
    earned = earned_by_occurrence(name=receipt.occurrence)
    if earned is None or _is_taken_back(receipt):
        return 0
    taken = gift_taken_back(
        points=earned.points, refunded_cents=fee.refunded_cents, paid_cents=fee.paid_cents, rule=fee.rule
    )
    if taken:
        steps = taken_back_steps(name=gift.title, points=earned.points, taken=taken, fee=fee)
        back = Receipt(
            member_id=earned.member_id,
            occurrence=f"{receipt.occurrence}:taken_back",
            trigger=Receipt.Trigger.BENEFIT_TAKEN_BACK,
            origin_id=earned.receipt_id,
            points=-taken,
            base_cents=fee.paid_cents,
            steps=[asdict(step) for step in steps],
            at=at,
            created_at=at,
        )
        clawback.book(receipt=back, earned=earned)
    return taken


def _claim(member_id: int, promise: Promise, at: datetime) -> BenefitGift | None:
    """The gift's row when it is ours to give; None: somebody has written it, or a duplicate who was merged had it."""
    if _came_along(member_id, promise):
        return None
    grantor = grantor_name(origin=promise.origin, code=promise.granted_by)
    gift, is_new = BenefitGift.objects.get_or_create(
        member_id=member_id,
        kind=promise.kind,
        origin=promise.origin,
        period=promise.period,
        defaults={
            "granted_by": promise.granted_by,
            "title": gift_name(grantor=grantor, title=promise.title),
            "points": promise.points,
            "due_at": at,
        },
    )
    return gift if is_new else None


def _give_up_for_the_closed(gift: BenefitGift) -> None:
    """What waits comes to nobody who has left."""
    BenefitGift.objects.filter(pk=gift.pk, member__status=Member.Status.CLOSED).update(state=_State.VOID)


def _came_along(member_id: int, promise: Promise) -> bool:
    """Whether a duplicate has it whose rows may not have moved yet."""
    same = BenefitGift.objects.filter(kind=promise.kind, origin=promise.origin, period=promise.period)
    return same.filter(member__merged_into=member_id).exists()


def _locked(receipt_id: int) -> Receipt:
    """The receipt, so that two who take the gift back wait for each other."""
    return Receipt.objects.select_for_update(no_key=True).get(pk=receipt_id)


def _is_taken_back(receipt: Receipt) -> bool:
    return receipt.clawbacks.filter(trigger=Receipt.Trigger.BENEFIT_TAKEN_BACK).exists()
