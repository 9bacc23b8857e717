"""Reactions to what the members' room reports: one domain call each."""

from mall.services import merging
from members.events import MembersMerged


def repoint_merged(event: MembersMerged) -> None:
    """The duplicate's orders and cart are the target's."""
    merging.repoint(source_id=event.source_member_id, target_id=event.member_id)
