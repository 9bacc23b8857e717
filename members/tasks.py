"""Celery entry points of members."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from config.core.db import edge_transaction
from members.messaging import worker
from members.services import broadcasts, gifts, invitations, login_codes, periods, tiers

_KEPT = timedelta(days=2)  # longer than any limit looks back


@shared_task(name="members.reevaluate_tiers")
def reevaluate_tiers(cause: str = "ladder", limit: int = 5000) -> int:
    """Lift everyone whom the ladder as it is now lifts, chunk by chunk; how many moved. Safe to kill and run again."""
    moved, after = 0, 0
    while True:
        with edge_transaction():
            chunk = tiers.reevaluate_next(after_member_id=after, limit=limit, at=timezone.now(), cause=cause)
        moved += chunk.moved
        if chunk.last_member_id is None:
            return moved
        after = chunk.last_member_id


@shared_task(name="members.decide_tier_periods")
def decide_tier_periods(limit: int = 5000) -> int:
    """Decide the tier periods that are over, open those that are missing, then warn of those that end soon; how many
    members went down. Safe to kill and run again."""
    lowered = 0
    while True:
        with edge_transaction():
            decided = periods.decide_next(at=timezone.now(), limit=limit)
        lowered += decided.lowered
        if decided.decided == 0:
            break
    after: int | None = 0
    while after is not None:
        with edge_transaction():
            after = periods.open_missing(at=timezone.now(), after_member_id=after, limit=limit).last_member_id
    for days in periods.warning_steps():
        looked_at = 1
        while looked_at:
            with edge_transaction():
                looked_at = periods.warn_next(at=timezone.now(), days=days, limit=limit)
    return lowered


@shared_task(name="members.promise_gifts")
def promise_gifts(limit: int = 5000) -> int:
    """Promise the month's packs and the day's birthday gifts; how many. Safe to kill and run again."""
    promised = 0
    for promise in (gifts.promise_monthly, gifts.promise_birthdays):
        after: int | None = 0
        while after is not None:
            with edge_transaction():
                chunk = promise(at=timezone.now(), after_member_id=after, limit=limit)
            promised, after = promised + chunk.promised, chunk.last_member_id
    return promised


@shared_task(name="members.prune_login_codes")
def prune_login_codes() -> None:
    """Delete log-in codes that count towards no limit any more. Safe to run twice."""
    with edge_transaction():
        login_codes.prune(before=timezone.now() - _KEPT)


@shared_task(name="members.deliver_messages")
def deliver_messages(limit: int = 500) -> int:
    """Hand over messages that are due; how many. Several may run side by side; a kill leaves at most one unknown."""
    return worker.deliver_due(clock=timezone.now, limit=limit)


@shared_task(name="members.run_broadcasts")
def run_broadcasts(chunks: int = 100) -> int:
    """Go on with what is being broadcast, chunk by chunk; how many were told. Safe to kill and run again."""
    told = 0
    for broadcast_id in broadcasts.running_ids():
        for _ in range(chunks):
            with edge_transaction():
                chunk = broadcasts.send_next(broadcast_id=broadcast_id, at=timezone.now())
            told += chunk.told
            if not chunk.goes_on:
                break
    return told


@shared_task(name="members.reward_invitations")
def reward_invitations(limit: int = 500) -> int:
    """Reward invitations whose friend's first order can't be returned any more; how many. Safe to run twice at once."""
    looked_at = 0
    while True:
        with edge_transaction():
            chunk = invitations.reward_due(at=timezone.now(), limit=limit)
        looked_at += chunk
        if chunk < limit:
            return looked_at
