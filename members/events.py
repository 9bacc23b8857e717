"""Facts about members."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from config.outbox.events import Event


@dataclass(frozen=True, kw_only=True)
class MemberRegistered(Event):
    """A person became a member."""

    subject: ClassVar[str] = "member"

    member_id: int
    channel: str
    registered_at: datetime
    is_returning: bool = False  # came by a phone or an openid that a closed account had taken along


@dataclass(frozen=True, kw_only=True)
class ProfileCompleted(Event):
    """A member's profile became complete for the first time."""

    subject: ClassVar[str] = "member"

    member_id: int
    at: datetime


@dataclass(frozen=True, kw_only=True)
class MembersMerged(Event):
    """A duplicate was merged into `member_id`: rows that name the duplicate are re-pointed."""

    subject: ClassVar[str] = "member"

    member_id: int
    source_member_id: int
    at: datetime


@dataclass(frozen=True, kw_only=True)
class MergeRequested(Event):
    """Staff want to merge a duplicate into `member_id` at `due_at`; until then they can cancel it."""

    subject: ClassVar[str] = "member"

    member_id: int
    source_member_id: int
    due_at: datetime
    at: datetime


@dataclass(frozen=True, kw_only=True)
class MergeCancelled(Event):
    """A merge that was requested will not be: staff cancelled it, or it could not be done. Both stay who they are."""

    subject: ClassVar[str] = "member"

    member_id: int
    source_member_id: int
    at: datetime


@dataclass(frozen=True, kw_only=True)
class NewDeviceUsed(Event):
    """A member who had signed in before did so from a device that was not known as theirs."""

    subject: ClassVar[str] = "member"

    member_id: int
    device_id: int
    at: datetime


@dataclass(frozen=True, kw_only=True)
class TierChanged(Event):
    """A member moved on the ladder."""

    subject: ClassVar[str] = "member"

    member_id: int
    old_tier_code: str
    new_tier_code: str
    cause: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class TierExpiring(Event):
    """A member's tier ends within `days` days and will be lowered unless `missing_growth` comes before `last_day`."""

    subject: ClassVar[str] = "member"

    member_id: int
    tier_code: str
    tier_name: str
    lower_tier_name: str
    last_day: date
    days: int
    missing_growth: int
    missing_cents: int  # what that takes at the shop's usual rate; 0: the shop shows none
    at: datetime


@dataclass(frozen=True, kw_only=True)
class BenefitDue(Event):
    """A benefit that gives something is due: `kind`, of a tier or plan, for `period`. Told once for each of these.

    `points` is what it gave by then; 0: a pack of coupons, or a gift that the shop's campaigns give.
    """

    subject: ClassVar[str] = "member"

    member_id: int
    kind: str
    origin: str
    granted_by: str  # code of the tier or plan
    title: str
    period: str
    at: datetime
    points: int = 0


@dataclass(frozen=True, kw_only=True)
class InviteeRegistered(Event):
    """A newcomer registered by a member's invitation, and it counts. What it brings is pending until it is earned."""

    subject: ClassVar[str] = "invitation"

    invitation_id: int
    inviter_id: int
    invitee_id: int
    channel: str
    registered_at: datetime


@dataclass(frozen=True, kw_only=True)
class InviteeFirstOrder(Event):
    """A newcomer's first order is past its return window. `cents` is the cash for goods that was not refunded."""

    subject: ClassVar[str] = "invitation"

    invitation_id: int
    inviter_id: int
    order_id: int
    cents: int
    paid_at: datetime
    at: datetime


@dataclass(frozen=True, kw_only=True)
class InviteeFirstOrderRefunded(Event):
    """Goods of a newcomer's first order went back: `refunded_cents` in all since it was rewarded."""

    subject: ClassVar[str] = "invitation"

    invitation_id: int
    order_id: int
    refund_id: int
    refunded_cents: int
    whole_order: bool
    at: datetime


@dataclass(frozen=True, kw_only=True)
class InvitationRefused(Event):
    """An invitation that had counted turned out not to: what it brought so far is taken back."""

    subject: ClassVar[str] = "invitation"

    invitation_id: int
    reason: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ShareVisited(Event):
    """A friend opened a page that a member had shared, for the first time."""

    subject: ClassVar[str] = "share_link"

    share_link_id: int
    visit_id: int
    member_id: int
    visited_at: datetime


@dataclass(frozen=True, kw_only=True)
class SegmentEntered(Event):
    """These members came into a segment that had been counted before; at most a few hundred in one fact."""

    subject: ClassVar[str] = "segment"

    segment_id: int
    member_ids: tuple[int, ...]
    at: datetime


@dataclass(frozen=True, kw_only=True)
class SubscriptionStarted(Event):
    """Paid time was added to a member: bought, by gift card or as a trial. It may begin later; no end: for life."""

    subject: ClassVar[str] = "member"

    member_id: int
    subscription_id: int
    plan_code: str
    source: str
    starts_at: datetime
    ends_at: datetime | None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class SubscriptionRefunded(Event):
    """A member gave a stretch of paid time back; so much of the fee goes back to them, by the rule they agreed to.

    `keeps_plan`: other time of this plan, running, to come or over, is still theirs.
    """

    subject: ClassVar[str] = "member"

    member_id: int
    subscription_id: int
    plan_code: str
    refunded_cents: int
    at: datetime
    paid_cents: int = 0
    refund_rule: str = "full"
    keeps_plan: bool = False
