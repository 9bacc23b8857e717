"""Reactions to what the ledger and this room report: one domain call each."""

from django.utils import timezone

from members.events import MembersMerged, MergeCancelled, MergeRequested, NewDeviceUsed, TierChanged, TierExpiring
from members.services import messages, notices, savings, segments, subscriptions
from points.events import PointsLapsing


def tell_lapsing(event: PointsLapsing) -> None:
    """Remind the member."""
    notices.tell_lapsing(account_id=event.account_id, points=event.points, lapses_at=event.lapses_at, at=timezone.now())


def tell_tier(event: TierChanged) -> None:
    """Tell the member of the new tier."""
    notices.tell_tier(
        member_id=event.member_id,
        old_code=event.old_tier_code,
        new_code=event.new_tier_code,
        cause=event.cause,
        at=event.at,
    )


def tell_tier_at_risk(event: TierExpiring) -> None:
    """Warn the member."""
    notices.tell_tier_at_risk(
        member_id=event.member_id,
        tier_name=event.tier_name,
        missing_growth=event.missing_growth,
        day=event.last_day,
        days=event.days,
        at=event.at,
    )


def tell_merge_requested(event: MergeRequested) -> None:
    """Tell both what will happen."""
    notices.tell_merge_requested(
        member_id=event.member_id, source_member_id=event.source_member_id, due_at=event.due_at, at=timezone.now()
    )


def tell_merge_cancelled(event: MergeCancelled) -> None:
    """Tell both that it will not."""
    notices.tell_merge_cancelled(
        member_id=event.member_id, source_member_id=event.source_member_id, decided_at=event.at, at=timezone.now()
    )


def tell_new_device(event: NewDeviceUsed) -> None:
    """Tell the member."""
    notices.tell_new_device(member_id=event.member_id, device_id=event.device_id, at=timezone.now())


def repoint_paid_time(event: MembersMerged) -> None:
    """The duplicate's paid time, and what it saved, are the target's."""
    subscriptions.repoint(source_id=event.source_member_id, target_id=event.member_id, at=timezone.now())
    savings.repoint(source_id=event.source_member_id, target_id=event.member_id)


def repoint_messages(event: MembersMerged) -> None:
    """The duplicate's messages are the target's."""
    messages.repoint(source_id=event.source_member_id, target_id=event.member_id)


def repoint_segments(event: MembersMerged) -> None:
    """The target stands on the lists on which the duplicate stood."""
    segments.repoint(source_id=event.source_member_id, target_id=event.member_id)
