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
from members.models.privacy import Closing, Consent, DataExport, PrivacyNotice, Reveal, Tombstone
from members.models.profiles import Interest, MemberInterest, MemberTag, Tag

__all__ = [
    "Address",
    "AdjustmentRequest",
    "Benefit",
    "BenefitTerms",
    "BenefitUse",
    "Broadcast",
    "BroadcastMember",
    "Closing",
    "Consent",
    "DataExport",
    "DevMessage",
    "Device",
    "Duplicate",
    "DuplicateTrace",
    "Entitlement",
    "Identity",
    "Interest",
    "LoginCode",
    "Member",
    "MemberInterest",
    "MemberTag",
    "MergeRequest",
    "Message",
    "MessageConsent",
    "MessageDelivery",
    "MessageEmail",
    "MessageTally",
    "MessageTemplate",
    "PasswordTry",
    "PointsNote",
    "PrivacyNotice",
    "Purpose",
    "Reveal",
    "SubscribeQuota",
    "Tag",
    "TemplateWay",
    "Tier",
    "TierChange",
    "TierPeriod",
    "TillSecret",
    "Tombstone",
    "User",
    "Way",
]
