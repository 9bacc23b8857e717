"""Facts about members."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from config.outbox.events import Event


@dataclass(frozen=True, kw_only=True)
class MemberRegistered(Event):
    """A person became a member."""

    subject: ClassVar[str] = "member"

    member_id: int
    channel: str
    registered_at: datetime


@dataclass(frozen=True, kw_only=True)
class MembersMerged(Event):
    """A duplicate was merged into `member_id`: rows that name the duplicate are re-pointed."""

    subject: ClassVar[str] = "member"

    member_id: int
    source_member_id: int
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
