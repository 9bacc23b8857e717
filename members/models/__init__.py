"""Rows about people."""

from members.models.adjustments import AdjustmentRequest, PointsNote
from members.models.ladder import Benefit, Tier, TierChange
from members.models.log_ins import DevMessage, Identity, LoginCode, User
from members.models.people import Address, Member

__all__ = [
    "Address",
    "AdjustmentRequest",
    "Benefit",
    "DevMessage",
    "Identity",
    "LoginCode",
    "Member",
    "PointsNote",
    "Tier",
    "TierChange",
    "User",
]
