"""Whom a broadcast is for, and how many of them each way out of the shop reaches as things are now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import OperationalError, connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from psycopg.errors import QueryCanceled

from config.core import policies
from config.core.time import local_date
from members.models import (
    Broadcast,
    BroadcastMember,
    Member,
    Message,
    MessageTemplate,
    SegmentMember,
    TemplateWay,
    Way,
)
from members.rules.quiet_hours import allowed_from
from members.selectors.message_reach import PROVIDERS, is_on_by_default
from members.selectors.segments import CountTooLong

_SECONDS: Final = 4
_WECHAT: Final = "SELECT FROM members_identity AS i WHERE i.member_id = m.id AND i.provider = %(provider)s"
_QUOTA: Final = (
    "SELECT FROM members_subscribequota AS q"
    " WHERE q.member_id = m.id AND q.remote_id = %(remote_id)s AND q.remaining > 0"
)
_HAS_ADDRESS: Final[Mapping[str, str]] = {
    Way.SMS: "m.phone_last4 <> ''",
    Way.EMAIL: (
        "EXISTS (SELECT FROM members_messageemail AS e WHERE e.member_id = m.id AND e.confirmed_at IS NOT NULL)"
    ),
    Way.WECHAT_OFFICIAL: f"EXISTS ({_WECHAT})",
    Way.WECHAT_SUBSCRIBE: f"EXISTS ({_WECHAT}) AND EXISTS ({_QUOTA})",
}
# who agreed last, has an address, and has not had the day's or the week's messages yet
_COUNT: Final = """
SELECT count(*), count(*) FILTER (WHERE agrees), count(*) FILTER (WHERE agrees AND has_address),
    count(*) FILTER (WHERE agrees AND has_address AND NOT is_full)
FROM (
    SELECT coalesce(said.agrees, %(default)s) AS agrees, m.status = 'active' AND {has_address} AS has_address,
        %(is_capped)s AND EXISTS (
            SELECT FROM members_messagetally AS t WHERE t.member_id = m.id AND t.purpose = %(purpose)s
                AND (t.day = %(day)s AND t.day_count >= %(per_day)s
                    OR t.week = %(week)s AND t.week_count >= %(per_week)s)
        ) AS is_full
    FROM members_member AS m LEFT JOIN (
        SELECT DISTINCT ON (member_id) member_id, withdrawn_at IS NULL AS agrees FROM members_messageconsent
        WHERE purpose = %(purpose)s AND way = %(way)s ORDER BY member_id, id DESC
    ) AS said ON said.member_id = m.id
    WHERE m.status <> 'closed' AND {is_meant}
) AS one
"""
_IS_MEANT: Final[Mapping[str, str]] = {
    Broadcast.Audience.ALL: "true",
    Broadcast.Audience.TIER: (
        "m.tier_id IN (SELECT t.id FROM members_tier AS t JOIN members_tier AS least ON least.id = %(tier)s"
        " WHERE t.rank >= least.rank)"
    ),
    Broadcast.Audience.SEGMENT: (
        "m.id IN (SELECT s.member_id FROM members_segmentmember AS s WHERE s.segment_id = %(segment)s"
        " AND (%(since)s::timestamptz IS NULL OR s.entered_at <= %(since)s))"
    ),
    Broadcast.Audience.LISTED: (
        "m.id IN (SELECT b.member_id FROM members_broadcastmember AS b WHERE b.broadcast_id = %(broadcast)s)"
    ),
}


@dataclass(frozen=True, kw_only=True)
class WayReach:
    """Of the members meant, how many one way reaches, and why it doesn't reach the others."""

    name: str
    reached: int
    unwilling: int
    without_address: int
    capped: int


@dataclass(frozen=True, kw_only=True)
class Reach:
    """How many get it in the inbox, and by which ways; `leaves_at`: when the quiet hours end that it lies in."""

    members: int
    ways: tuple[WayReach, ...]
    leaves_at: datetime | None


def audience(broadcast: Broadcast) -> QuerySet[Member]:
    """The members it is for; who left is none of them. Of a segment those who were in it at the start and still are.

    Whom a duplicate was merged into that was in the segment comes by `merged_since`."""
    members = Member.objects.exclude(status=Member.Status.CLOSED)
    if broadcast.audience == Broadcast.Audience.TIER and broadcast.tier is not None:
        return members.filter(tier__rank__gte=broadcast.tier.rank)
    if broadcast.audience == Broadcast.Audience.SEGMENT:
        return members.filter(pk__in=_in_segment(broadcast).values("member_id"))
    if broadcast.audience == Broadcast.Audience.LISTED:
        return members.filter(pk__in=BroadcastMember.objects.filter(broadcast=broadcast).values("member_id"))
    return members


def next_ids(broadcast: Broadcast, *, limit: int) -> list[int]:
    """The next members after its cursor, by id. One query that walks an index, however large the audience."""
    if broadcast.audience != Broadcast.Audience.SEGMENT:
        found = audience(broadcast).filter(pk__gt=broadcast.cursor).order_by("pk")
        return list(found.values_list("pk", flat=True)[:limit])
    rows = _in_segment(broadcast).filter(member_id__gt=broadcast.cursor).exclude(member__status=Member.Status.CLOSED)
    return list(rows.order_by("member_id").values_list("member_id", flat=True)[:limit])


def told_as_duplicates(broadcast: Broadcast, *, member_ids: Sequence[int]) -> frozenset[int]:
    """Those of the members who have it already, told to a duplicate whose messages may be yet to move. One query."""
    rows = Message.objects.filter(member__merged_into__in=member_ids, key=key_of(broadcast))
    return frozenset(pk for pk in rows.values_list("member__merged_into", flat=True) if pk is not None)


def merged_since(broadcast: Broadcast, *, limit: int) -> list[int]:
    """Whom it is for by way of a duplicate that was merged, and who has not got it: the cursor may have passed the one
    before the merge and the other after it. Up to `limit` of them, when nobody is left after the cursor. One query."""
    kept = Member.objects.filter(merged_at__gte=broadcast.started_at).values("merged_into")
    kept = kept.union(_standing_in(broadcast).values("member"), all=True)
    told = Message.objects.filter(key=key_of(broadcast))
    found = Member.objects.filter(_is_meant_too(broadcast), pk__in=kept).exclude(status=Member.Status.CLOSED)
    found = found.exclude(Exists(told.filter(member=OuterRef("pk"))))
    found = found.exclude(Exists(told.filter(member__merged_into=OuterRef("pk"))))
    return list(found.order_by("pk").values_list("pk", flat=True)[:limit])


def _is_meant_too(broadcast: Broadcast) -> Q:
    """As `audience`, or for a duplicate whose place in the segment has not moved yet, or whom a refresh has dropped."""
    meant = Q(pk__in=audience(broadcast).values("pk")) | Q(pk__in=_standing_in(broadcast).values("member"))
    if broadcast.audience == Broadcast.Audience.SEGMENT:
        places = _in_segment(broadcast).filter(member__merged_into__isnull=False)
        meant |= Q(pk__in=places.values("member__merged_into"))
    return meant


def _standing_in(broadcast: Broadcast) -> QuerySet[BroadcastMember]:
    """Who stands in for a duplicate that was in the segment; noted when it starts, and by merges afterwards."""
    if broadcast.audience != Broadcast.Audience.SEGMENT:
        return BroadcastMember.objects.none()
    return BroadcastMember.objects.filter(broadcast=broadcast)


def key_of(broadcast: Broadcast) -> str:
    """The key of its messages: in each inbox once."""
    return f"broadcast:{broadcast.pk}"


def _in_segment(broadcast: Broadcast) -> QuerySet[SegmentMember]:
    rows = SegmentMember.objects.filter(segment=broadcast.segment_id)
    return rows if broadcast.started_at is None else rows.filter(entered_at__lte=broadcast.started_at)


def reach(*, broadcast: Broadcast, at: datetime, seconds: float = _SECONDS) -> Reach:
    """How many it reaches now: consent, addresses and caps counted. A query per way; raises CountTooLong."""
    template = broadcast.template
    ways = list(TemplateWay.objects.filter(template=template, is_enabled=True).order_by("pk"))
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{int(seconds * 1000)}ms"])
            members = audience(broadcast).count()
            counted = tuple(_count(cursor, broadcast, way, at) for way in ways)
            cursor.execute("SELECT set_config('statement_timeout', '0', true)")
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise CountTooLong(seconds=int(seconds) or seconds) from error
        raise
    return Reach(members=members, ways=counted, leaves_at=_leaves_at(template, at))


def _count(cursor: Any, broadcast: Broadcast, row: TemplateWay, at: datetime) -> WayReach:
    template, shop, day = broadcast.template, policies.current(), local_date(at)
    is_service = template.purpose == "service"
    params = {
        "way": row.way,
        "provider": PROVIDERS.get(row.way, ""),
        "remote_id": row.remote_id,
        "purpose": template.purpose,
        "default": is_on_by_default(way=row.way, purpose=template.purpose),
        "is_capped": not template.is_urgent,
        "day": day,
        "per_day": shop.service_messages_per_day if is_service else shop.marketing_messages_per_day,
        "week": None if is_service else day - timedelta(days=day.weekday()),
        "per_week": shop.marketing_messages_per_week,
        "tier": broadcast.tier_id,
        "segment": broadcast.segment_id,
        "since": broadcast.started_at,
        "broadcast": broadcast.pk,
    }
    cursor.execute(_COUNT.format(has_address=_HAS_ADDRESS[row.way], is_meant=_IS_MEANT[broadcast.audience]), params)
    meant, willing, addressed, reached = cursor.fetchone()
    return WayReach(
        name=row.get_way_display(),
        reached=reached,
        unwilling=meant - willing,
        without_address=willing - addressed,
        capped=addressed - reached,
    )


def _leaves_at(template: MessageTemplate, at: datetime) -> datetime | None:
    shop = policies.current()
    later = allowed_from(at=at, starts_hour=shop.quiet_from_hour, ends_hour=shop.quiet_until_hour)
    return later if later > at and not template.is_urgent else None
