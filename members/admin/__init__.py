"""The members' back-office pages."""

from members.admin import adjustments, channels, duplicates, invitations, lock_outs, members, tiers, users

__all__ = ["adjustments", "channels", "duplicates", "invitations", "lock_outs", "members", "tiers", "users"]
