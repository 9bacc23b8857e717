"""Reactions to what the mall and the members' room report: one domain call each."""

from campaigns.services import clawback, granting, history, merging
from mall.events import HistoryRecorded, OrderCompleted, OrderRefunded
from members.events import MemberRegistered, MembersMerged, ProfileCompleted


def on_order(event: OrderCompleted | OrderRefunded) -> None:
    """Give what a completed order earns, take back what the refunded part had earned.

    One handler for both facts, so that a refund waits for its order's giving, even when that has to be retried.
    """
    if isinstance(event, OrderCompleted):
        granting.grant_for_order(order_id=event.order_id, at=event.completed_at)
    else:
        clawback.take_back_for_refund(order_id=event.order_id, refund_id=event.refund_id, at=event.at)


def give_for_registration(event: MemberRegistered) -> None:
    """Give what newcomers get; who had closed an account and comes back is none."""
    if event.is_returning:
        return
    granting.grant_for_occurrence(
        trigger="member_registered",
        member_id=event.member_id,
        occurrence=f"member:{event.member_id}:registered",
        at=event.registered_at,
        facts=granting.Facts(channel=event.channel),
    )


def give_for_profile(event: ProfileCompleted) -> None:
    """Give what a profile gets when it is complete for the first time."""
    granting.grant_for_occurrence(
        trigger="profile_completed",
        member_id=event.member_id,
        occurrence=f"member:{event.member_id}:profile",
        at=event.at,
    )


def give_for_history(event: HistoryRecorded) -> None:
    """Give what a part of an imported history earns."""
    history.give_for_history(
        order_ids=event.order_ids,
        refund_ids=event.refund_ids,
        campaigns=event.campaigns,
        at=event.recorded_at,
    )


def repoint_merged(event: MembersMerged) -> None:
    """The duplicate's receipts, grants and check-ins are the target's."""
    merging.repoint(source_id=event.source_member_id, target_id=event.member_id)
