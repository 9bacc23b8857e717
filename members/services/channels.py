"""Channels: who came by their links, and what those people bought."""

from datetime import datetime

from django.db.models import F

from config.core.crypto import blind_index
from config.core.db import transaction_required
from config.core.time import local_date
from members.models import Attribution, Channel, ChannelOrder, ChannelVisit


def enabled_channel(*, code: str) -> Channel | None:
    """The channel of that code, while staff have it enabled."""
    return Channel.objects.filter(code=code, is_enabled=True).first() if code else None


@transaction_required
def visit(*, code: str, visitor: str, at: datetime) -> bool:
    """Write down that a browser came by the channel's link, once a day; False when there is no such channel."""
    channel = enabled_channel(code=code)
    if channel is None:
        return False
    index = blind_index(visitor, purpose="visitor")
    ChannelVisit.objects.bulk_create(
        [ChannelVisit(channel=channel, visitor_index=index, day=local_date(at))], ignore_conflicts=True
    )
    return True


@transaction_required
def attribute(*, member_id: int, code: str, touched_at: datetime, at: datetime) -> int | None:
    """Write down the channel that a newcomer came by; its id, None when there is no such channel."""
    channel = enabled_channel(code=code)
    if channel is None:
        return None
    Attribution.objects.create(member_id=member_id, channel=channel, touched_at=touched_at, attributed_at=at)
    return channel.pk


@transaction_required
def order_paid(*, member_id: int, order_id: int, cents: int, at: datetime) -> None:
    """Count a paid order for the channel that its member came by; nothing for members who came by none.

    Called once per order: a second call with the same order is refused by the database.
    """
    attribution = Attribution.objects.select_for_update(no_key=True).filter(member=member_id).first()
    if attribution is None or cents <= 0:
        return
    ChannelOrder.objects.create(
        attribution=attribution,
        order_id=order_id,
        paid_cents=cents,
        is_first=not attribution.orders.exists(),
        paid_at=at,
    )


@transaction_required
def order_refunded(*, order_id: int, cents: int) -> None:
    """Take what was refunded off the order's revenue."""
    if cents > 0:
        ChannelOrder.objects.filter(order_id=order_id).update(refunded_cents=F("refunded_cents") + cents)
