"""Rows about people."""

from members.models.adjustments import AdjustmentRequest, PointsNote
from members.models.ladder import Benefit, Tier, TierChange
from members.models.log_ins import DevMessage, Identity, LoginCode, User
from members.models.messages import (
    Broadcast,
    BroadcastMember,
    Message,
    MessageConsent,
    MessageDelivery,
    MessageEmail,
    MessageTally,
    MessageTemplate,
    Purpose,
    SubscribeQuota,
    TemplateWay,
    Way,
)
from members.models.people import Address, Member

__all__ = [
    "Address",
    "AdjustmentRequest",
    "Benefit",
    "Broadcast",
    "BroadcastMember",
    "DevMessage",
    "Identity",
    "LoginCode",
    "Member",
    "Message",
    "MessageConsent",
    "MessageDelivery",
    "MessageEmail",
    "MessageTally",
    "MessageTemplate",
    "PointsNote",
    "Purpose",
    "SubscribeQuota",
    "TemplateWay",
    "Tier",
    "TierChange",
    "User",
    "Way",
]
