"""Reactions to what the mall and the members' room report: one domain call each."""

from campaigns.rules.gifts import FeeReturned, Promise
from campaigns.services import benefit_gifts, clawback, granting, history, invitations, merging, segment_gifts
from mall.events import HistoryRecorded, OrderCompleted, OrderRefunded
from members.events import (
    BenefitDue,
    InvitationRefused,
    InviteeFirstOrder,
    InviteeFirstOrderRefunded,
    InviteeRegistered,
    MemberRegistered,
    MembersMerged,
    ProfileCompleted,
    SegmentEntered,
    ShareVisited,
    SubscriptionRefunded,
)


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
        occurrence=f"profile:{event.member_id}",
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
    """The duplicate's receipts, grants, gifts and check-ins are the target's."""
    merging.repoint(source_id=event.source_member_id, target_id=event.member_id)


def on_invitation(
    event: InviteeRegistered | InviteeFirstOrder | InviteeFirstOrderRefunded | InvitationRefused,
) -> None:
    """Give the inviter what each step of an invitation brings, or take it back.

    One handler for all of its facts, so that taking back waits for the giving.
    """
    if isinstance(event, InviteeRegistered):
        invitations.give_for_registration(
            invitation_id=event.invitation_id,
            inviter_id=event.inviter_id,
            channel=event.channel,
            at=event.registered_at,
        )
    elif isinstance(event, InviteeFirstOrder):
        invitations.give_for_first_order(
            invitation_id=event.invitation_id,
            inviter_id=event.inviter_id,
            cents=event.cents,
            paid_at=event.paid_at,
            at=event.at,
        )
    elif isinstance(event, InviteeFirstOrderRefunded):
        invitations.take_back_for_refund(
            invitation_id=event.invitation_id,
            refund_id=event.refund_id,
            refunded_cents=event.refunded_cents,
            whole_order=event.whole_order,
            at=event.at,
        )
    else:
        invitations.take_back_registration(invitation_id=event.invitation_id, why=event.reason, at=event.at)


def give_for_segment(event: SegmentEntered) -> None:
    """Give what coming into a segment brings."""
    segment_gifts.give_for_entering(segment_id=event.segment_id, member_ids=event.member_ids, at=event.at)


def on_benefit(event: BenefitDue | SubscriptionRefunded) -> None:
    """Give what a benefit promised; take a plan's welcome gift back with its fee, unless time of the plan is kept.

    One handler for both facts, so that taking back waits for the giving.
    """
    if isinstance(event, BenefitDue):
        promise = Promise(
            kind=event.kind,
            origin=event.origin,
            granted_by=event.granted_by,
            title=event.title,
            period=event.period,
            points=event.points,
        )
        benefit_gifts.give_promised(member_id=event.member_id, promise=promise, at=event.at)
    elif not event.keeps_plan:
        fee = FeeReturned(paid_cents=event.paid_cents, refunded_cents=event.refunded_cents, rule=event.refund_rule)
        benefit_gifts.take_back_welcome(member_id=event.member_id, plan_code=event.plan_code, fee=fee, at=event.at)


def give_for_share(event: ShareVisited) -> None:
    """Give for a friend's visit; the act of sharing earns nothing."""
    granting.grant_for_occurrence(
        trigger="share_visited",
        member_id=event.member_id,
        occurrence=f"share:{event.visit_id}",
        at=event.visited_at,
    )
