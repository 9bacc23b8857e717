"""The members' back-office pages."""

from members.admin import members, tiers, users

__all__ = ["members", "tiers", "users"]
