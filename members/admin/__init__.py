"""The members' back-office pages."""

from members.admin import adjustments, lock_outs, members, tiers, users

__all__ = ["adjustments", "lock_outs", "members", "tiers", "users"]
