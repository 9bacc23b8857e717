"""Where a member is signed in."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from members.models import Device, Identity


@dataclass(frozen=True, kw_only=True)
class DeviceRow:
    """One device, for its owner's eyes."""

    id: int
    name: str
    channel: str
    address: str
    signed_in_at: datetime
    last_used_at: datetime
    is_current: bool


def devices(*, user_id: int, at: datetime, token_digest: str = "", session_key: str = "") -> list[DeviceRow]:
    """The devices that are signed in at that moment, the asking one first, then by use. One query."""
    since = at - timedelta(seconds=settings.SESSION_COOKIE_AGE)
    in_use = Q(token__expiry__gt=at) | Q(token__isnull=False, token__expiry=None)
    in_use |= ~Q(session_key="") & Q(last_used_at__gt=since)
    rows = Device.objects.filter(in_use, user_id=user_id, ended_at=None).order_by("-last_used_at", "-pk")
    listed = [
        DeviceRow(
            id=row.pk,
            name=row.name,
            channel=row.get_channel_display(),
            address=row.address,
            signed_in_at=row.signed_in_at,
            last_used_at=row.last_used_at,
            is_current=row.token_id == token_digest if row.token_id else row.session_key == session_key,
        )
        for row in rows[:100]
    ]
    return sorted(listed, key=lambda row: not row.is_current)


@dataclass(frozen=True, kw_only=True)
class IdentityRow:
    """A way in by another provider, for its owner's eyes."""

    id: int
    name: str
    bound_at: datetime


def identities(*, member_id: int) -> list[IdentityRow]:
    """The member's identities, the oldest first. One query."""
    rows = Identity.objects.filter(member=member_id).order_by("created_at", "pk").defer("openid")
    return [IdentityRow(id=row.pk, name=row.get_provider_display(), bound_at=row.created_at) for row in rows]
