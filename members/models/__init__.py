"""Rows about people."""

from members.models.adjustments import AdjustmentRequest, PointsNote
from members.models.devices import Device, TillSecret
from members.models.duplicates import Duplicate, DuplicateTrace, MergeRequest
from members.models.invitations import (
    Attribution,
    Channel,
    ChannelCost,
    ChannelOrder,
    ChannelVisit,
    Invitation,
    InviteCode,
    MemberTrace,
    ShareLink,
    ShareVisit,
)
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
from members.models.plans import GiftCard, GiftCardBatch, MembershipSaving, Plan, PlanBenefit, Subscription
from members.models.privacy import Closing, Consent, DataExport, PrivacyNotice, Reveal, Tombstone
from members.models.profiles import Interest, MemberInterest, MemberTag, Tag
from members.models.roles import StaffRole
from members.models.segments import Segment, SegmentMember

__all__ = [
    "Address",
    "AdjustmentRequest",
    "Attribution",
    "Benefit",
    "BenefitTerms",
    "BenefitUse",
    "Broadcast",
    "BroadcastMember",
    "Channel",
    "ChannelCost",
    "ChannelOrder",
    "ChannelVisit",
    "Closing",
    "Consent",
    "DataExport",
    "DevMessage",
    "Device",
    "Duplicate",
    "DuplicateTrace",
    "Entitlement",
    "GiftCard",
    "GiftCardBatch",
    "Identity",
    "Interest",
    "Invitation",
    "InviteCode",
    "LoginCode",
    "Member",
    "MemberInterest",
    "MemberTag",
    "MemberTrace",
    "MembershipSaving",
    "MergeRequest",
    "Message",
    "MessageConsent",
    "MessageDelivery",
    "MessageEmail",
    "MessageTally",
    "MessageTemplate",
    "PasswordTry",
    "Plan",
    "PlanBenefit",
    "PointsNote",
    "PrivacyNotice",
    "Purpose",
    "Reveal",
    "Segment",
    "SegmentMember",
    "ShareLink",
    "ShareVisit",
    "StaffRole",
    "SubscribeQuota",
    "Subscription",
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
