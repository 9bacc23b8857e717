"""Rows about people."""

from members.models.adjustments import AdjustmentRequest, PointsNote
from members.models.devices import Device, TillSecret
from members.models.duplicates import Duplicate, DuplicateTrace, MergeRequest
from members.models.ladder import Benefit, BenefitTerms, BenefitUse, Entitlement, Tier, TierChange, TierPeriod
from members.models.log_ins import DevMessage, Identity, LoginCode, PasswordTry, User
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
    "BenefitTerms",
    "BenefitUse",
    "Broadcast",
    "BroadcastMember",
    "DevMessage",
    "Device",
    "Duplicate",
    "DuplicateTrace",
    "Entitlement",
    "Identity",
    "LoginCode",
    "Member",
    "MergeRequest",
    "Message",
    "MessageConsent",
    "MessageDelivery",
    "MessageEmail",
    "MessageTally",
    "MessageTemplate",
    "PasswordTry",
    "PointsNote",
    "Purpose",
    "SubscribeQuota",
    "TemplateWay",
    "Tier",
    "TierChange",
    "TierPeriod",
    "TillSecret",
    "User",
    "Way",
]
