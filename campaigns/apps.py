"""App config of campaigns."""

from collections.abc import Callable
from typing import Any

from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    """Registers what this room offers to others, and listens to what the rooms below report."""

    name = "campaigns"
    verbose_name = "营销"

    def ready(self) -> None:
        from campaigns import invitation_blocks
        from campaigns.blocks import register_blocks
        from campaigns.services import merging, personal
        from campaigns.services.promotions import CampaignPromotions
        from mall import ports
        from members.ports import MergePart, register_merge_part, register_personal_part

        ports.fill_promotions(CampaignPromotions())
        _listen()
        register_merge_part(MergePart("发放凭证", merging.receipt_count))
        register_merge_part(MergePart("签到记录", merging.check_in_count))
        register_merge_part(MergePart("权益礼", merging.gift_count))
        register_personal_part(personal.GIFTS)
        register_blocks()
        invitation_blocks.register_blocks()


def _listen() -> None:
    from campaigns import handlers
    from config.outbox.subscriptions import subscribe
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

    subscribe(OrderCompleted, handlers.on_order)
    subscribe(OrderRefunded, handlers.on_order)
    subscribe(HistoryRecorded, handlers.give_for_history)
    subscribe(MemberRegistered, handlers.give_for_registration)
    subscribe(ProfileCompleted, handlers.give_for_profile)
    on_invitation: Callable[[Any], object] = handlers.on_invitation
    for fact in (InviteeRegistered, InviteeFirstOrder, InviteeFirstOrderRefunded, InvitationRefused):
        subscribe(fact, on_invitation)
    subscribe(ShareVisited, handlers.give_for_share)
    subscribe(SegmentEntered, handlers.give_for_segment)
    on_benefit: Callable[[Any], object] = handlers.on_benefit
    subscribe(BenefitDue, on_benefit)
    subscribe(SubscriptionRefunded, on_benefit)
    subscribe(MembersMerged, handlers.repoint_merged)
