"""The members' back-office pages."""

from members.admin import (
    adjustments,
    broadcasts,
    channels,
    duplicates,
    invitations,
    lock_outs,
    members,
    message_deliveries,
    messages,
    segments,
    privacy,
    reveal,
    tags,
    tier_changes,
    tiers,
    users,
)

__all__ = [
    "adjustments",
    "broadcasts",
    "channels",
    "duplicates",
    "invitations",
    "lock_outs",
    "members",
    "message_deliveries",
    "messages",
    "segments",
    "privacy",
    "reveal",
    "tags",
    "tier_changes",
    "tiers",
    "users",
]
