"""App config of campaigns."""

from collections.abc import Callable
from typing import Any

from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    """Registers what this room offers to others, and listens to what the rooms below report."""

    name = "campaigns"
    verbose_name = "营销"

    def ready(self) -> None:
        from campaigns import handlers, invitation_blocks
        from campaigns.blocks import register_blocks
        from campaigns.services import merging
        from campaigns.services.promotions import CampaignPromotions
        from config.outbox.subscriptions import subscribe
        from mall import ports
        from mall.events import HistoryRecorded, OrderCompleted, OrderRefunded
        from members.events import (
            InvitationRefused,
            InviteeFirstOrder,
            InviteeFirstOrderRefunded,
            InviteeRegistered,
            MemberRegistered,
            MembersMerged,
            ProfileCompleted,
            SegmentEntered,
            ShareVisited,
        )
        from members.ports import MergePart, register_merge_part

        ports.fill_promotions(CampaignPromotions())
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
        subscribe(MembersMerged, handlers.repoint_merged)
        register_merge_part(MergePart("发放凭证", merging.receipt_count))
        register_merge_part(MergePart("签到记录", merging.check_in_count))
        register_blocks()
        invitation_blocks.register_blocks()
