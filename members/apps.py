"""App config of members."""

from django.apps import AppConfig


class MembersConfig(AppConfig):
    """Registers what this room offers to others."""

    name = "members"
    verbose_name = "会员"

    def ready(self) -> None:
        from config.outbox.subscriptions import subscribe
        from members import blocks, handlers, segment_fields
        from members.events import (
            MembersMerged,
            MergeCancelled,
            MergeRequested,
            NewDeviceUsed,
            TierChanged,
            TierExpiring,
        )
        from members.ports import register_personal_part
        from members.selectors import personal
        from points.events import PointsLapsing

        blocks.register()
        segment_fields.register()
        subscribe(PointsLapsing, handlers.tell_lapsing)
        subscribe(TierChanged, handlers.tell_tier)
        subscribe(TierExpiring, handlers.tell_tier_at_risk)
        subscribe(MergeRequested, handlers.tell_merge_requested)
        subscribe(MergeCancelled, handlers.tell_merge_cancelled)
        subscribe(NewDeviceUsed, handlers.tell_new_device)
        subscribe(MembersMerged, handlers.repoint_messages)
        subscribe(MembersMerged, handlers.repoint_paid_time)
        subscribe(MembersMerged, handlers.repoint_segments)
        for part in personal.PARTS:
            register_personal_part(part)
