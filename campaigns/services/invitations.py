"""What bringing a friend earns: pending with the registration, usable with the first order, taken back by refunds.

One invitation has two occurrences, `invitation:<id>:registered` and `invitation:<id>:first_order`, each with a receipt
of its own. The facts of an invitation come in one stream, so that a refund waits for the giving.
"""

from dataclasses import asdict
from datetime import datetime

from campaigns.models import Receipt
from campaigns.rules.arithmetic import Step
from campaigns.rules.expiry import expires_at
from campaigns.selectors.earned import Earned, earned_by_occurrence
from campaigns.services import clawback, granting
from config.core import policies
from config.core.db import transaction_required
from points import ledger

_REASONS = {"refunded": "好友首单全部退款", "refused": "邀请不计奖励"}


@transaction_required
def give_for_registration(*, invitation_id: int, inviter_id: int, channel: str, at: datetime) -> int | None:
    """Give the inviter what a newcomer's registration brings, pending; the receipt's id, None: nothing to say."""
    return granting.grant_for_occurrence(
        trigger="invitee_registered",
        member_id=inviter_id,
        occurrence=_registered(invitation_id),
        at=at,
        facts=granting.Facts(channel=channel, is_pending=True),
    )


@transaction_required
def give_for_first_order(
    *, invitation_id: int, inviter_id: int, cents: int, paid_at: datetime, at: datetime
) -> int | None:
    """Give what the newcomer's first order brings, judged as of its payment, and let go what was pending."""
    _confirm(_registered(invitation_id), at)
    return granting.grant_for_occurrence(
        trigger="invitee_first_order",
        member_id=inviter_id,
        occurrence=_first_order(invitation_id),
        at=at,
        facts=granting.Facts(amount_cents=cents, judged_at=paid_at),
    )


@transaction_required
def take_back_for_refund(
    *, invitation_id: int, refund_id: int, refunded_cents: int, whole_order: bool, at: datetime
) -> None:
    """Take back the refunded part of what the first order brought; all of the registration's when all was refunded."""
    name = f"invitation:{invitation_id}:refund:{refund_id}"
    earned = _locked(_first_order(invitation_id))
    if earned is not None and not _is_done(earned, name):
        due = clawback.due_for(earned, refunded_so_far=refunded_cents)
        if due.points or due.growth:
            trigger = Receipt.Trigger.INVITATION_TAKEN_BACK
            receipt = clawback.receipt_of(earned, due, refunded=refunded_cents, occurrence=name, at=at, trigger=trigger)
            clawback.book(receipt=receipt, earned=earned)
    if whole_order:
        take_back_registration(invitation_id=invitation_id, why="refunded", at=at)


@transaction_required
def take_back_registration(*, invitation_id: int, why: str, at: datetime) -> None:
    """Take back what the registration brought, pending or not; again: nothing."""
    earned, name = _locked(_registered(invitation_id)), f"invitation:{invitation_id}:taken_back"
    if earned is None or not earned.points or _is_done(earned, name):
        return
    reason = _REASONS["refunded" if why == "refunded" else "refused"]
    step = Step(asset="points", kind="clawback", campaign="邀请奖励扣回", text=reason, value=str(-earned.points))
    total = Step(asset="points", kind="total", campaign="", text="本次扣回", value=str(-earned.points))
    receipt = Receipt(
        member_id=earned.member_id,
        occurrence=name,
        trigger=Receipt.Trigger.INVITATION_TAKEN_BACK,
        origin_id=earned.receipt_id,
        points=-earned.points,
        steps=[asdict(step), asdict(total)],
        at=at,
        created_at=at,
    )
    clawback.book(receipt=receipt, earned=earned)


def _registered(invitation_id: int) -> str:
    return f"invitation:{invitation_id}:registered"


def _first_order(invitation_id: int) -> str:
    return f"invitation:{invitation_id}:first_order"


def _locked(occurrence: str) -> Earned | None:
    """What it earned, its receipt locked: two refunds wait for each other."""
    receipts = Receipt.objects.filter(occurrence=occurrence, origin__isnull=True)
    list(receipts.order_by("member_id").select_for_update(no_key=True).values_list("pk"))
    return earned_by_occurrence(name=occurrence)


def _is_done(earned: Earned, occurrence: str) -> bool:
    return Receipt.objects.filter(origin=earned.receipt_id, occurrence=occurrence).exists()


def _confirm(occurrence: str, at: datetime) -> None:
    earned = _locked(occurrence)
    if earned is None or earned.points_entry_id is None or earned.points_taken >= earned.points:
        return
    months = policies.current().points_expiry_months
    try:
        ledger.confirm(entry=earned.points_entry_id, at=at, expires_at=expires_at(at=at, months=months))
    except ledger.AccountClosed:  # the inviter has left: what was pending went with the account
        return
