"""The members' back-office pages."""

from members.admin import lock_outs, members, tiers, users

__all__ = ["lock_outs", "members", "tiers", "users"]
