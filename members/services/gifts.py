"""Gifts that benefits promise: once per member, kind, origin and period, told as `BenefitDue`. Set-based."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from config.core.db import fetch_all, transaction_required
from config.core.time import local_date
from config.outbox import publishing as outbox
from members.events import BenefitDue
from members.models import Entitlement
from members.rules.benefits import Gives, gift_points, giving
from members.rules.birthdays import celebrated, years_of
from members.rules.periods import month_name

_TIER_UP = """
WITH gift AS (
    SELECT benefit.kind, benefit.title, benefit.value, tier.code FROM members_benefit AS benefit
    JOIN members_tier AS tier ON tier.id = benefit.tier_id
    WHERE tier.id = %(tier)s AND benefit.kind = ANY(%(kinds)s)
), promised AS (
    INSERT INTO members_entitlement (member_id, kind, origin, period, title, at)
    SELECT wanted.id, gift.kind, 'tier', 'tier:' || gift.code, gift.title, %(at)s
    FROM gift CROSS JOIN unnest(%(members)s::bigint[]) AS wanted (id) ORDER BY wanted.id
    ON CONFLICT DO NOTHING RETURNING member_id, kind
)
SELECT gift.kind, gift.code, gift.title, array_agg(promised.member_id ORDER BY promised.member_id), gift.value
FROM promised JOIN gift USING (kind) GROUP BY gift.kind, gift.code, gift.title, gift.value
"""

# the members of a chunk stay locked, so that what is told of them keeps its order in their streams
_BY_TIER = """
WITH chunk AS MATERIALIZED (
    SELECT id, tier_id, CASE birthday_calendar WHEN 'lunar' THEN %(lunar_period)s ELSE %(period)s END AS period
    FROM members_member
    WHERE id > %(after)s AND status = 'active' AND {who} ORDER BY id LIMIT %(limit)s FOR NO KEY UPDATE
), promised AS (
    INSERT INTO members_entitlement (member_id, kind, origin, period, title, at)
    SELECT chunk.id, benefit.kind, 'tier', chunk.period, benefit.title, %(at)s
    FROM chunk JOIN members_benefit AS benefit ON benefit.tier_id = chunk.tier_id AND benefit.kind = ANY(%(kinds)s)
    ORDER BY chunk.id
    ON CONFLICT DO NOTHING RETURNING member_id, kind, title, period
)
SELECT NULL, NULL, NULL, ARRAY[max(id), count(*)], NULL, NULL FROM chunk
UNION ALL
SELECT promised.kind, tier.code, promised.title, array_agg(promised.member_id ORDER BY promised.member_id), gift.value,
    promised.period
FROM promised JOIN chunk ON chunk.id = promised.member_id JOIN members_tier AS tier ON tier.id = chunk.tier_id
JOIN members_benefit AS gift ON gift.tier_id = chunk.tier_id AND gift.kind = promised.kind
GROUP BY promised.kind, tier.code, promised.title, gift.value, promised.period
"""
_HAS_GIFT = "tier_id IN (SELECT tier_id FROM members_benefit WHERE kind = ANY(%(kinds)s))"
_HAS_BIRTHDAY = (
    "(birthday_month_day = ANY(%(solar)s) AND birthday_calendar = 'solar'"
    f" OR birthday_month_day = ANY(%(lunar)s) AND birthday_calendar = 'lunar') AND {_HAS_GIFT}"
)


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """How many gifts were promised; `last_member_id` is where the next chunk goes on, None when all were looked at."""

    promised: int
    last_member_id: int | None


@transaction_required
def promise_tier_up(*, member_ids: Sequence[int], tier_id: int, at: datetime) -> int:
    """Promise what reaching this tier brings, once in a member's life; how many gifts. The members are locked."""
    params = {"tier": tier_id, "kinds": giving(Gives.TIER_UP), "members": list(member_ids), "at": at}
    return _tell([(*row, f"tier:{row[1]}") for row in fetch_all(_TIER_UP, params)], at=at)


@transaction_required
def promise_monthly(*, at: datetime, after_member_id: int, limit: int) -> Chunk:
    """Promise this Shanghai month's packs to the next active members whose tier has them."""
    month = month_name(at=at)
    periods = {"period": month, "lunar_period": month}
    return _promise(
        _BY_TIER.format(who=_HAS_GIFT),
        {"kinds": giving(Gives.MONTH), **periods, "after": after_member_id, "limit": limit, "at": at},
    )


@transaction_required
def promise_birthdays(*, at: datetime, after_member_id: int, limit: int) -> Chunk:
    """Promise this year's gift to the next active members who celebrate their birthday today; day and year are those
    of their calendar."""
    day = local_date(at)
    days, (solar_year, lunar_year) = celebrated(day), years_of(day)
    return _promise(
        _BY_TIER.format(who=_HAS_BIRTHDAY),
        {
            "kinds": giving(Gives.BIRTHDAY),
            "solar": list(days.solar),
            "lunar": list(days.lunar),
            "period": solar_year,
            "lunar_period": lunar_year,
            "after": after_member_id,
            "limit": limit,
            "at": at,
        },
    )


def _promise(sql: str, params: dict[str, Any]) -> Chunk:
    found = fetch_all(sql, params)
    last, looked_at = found[0][3]
    given = _tell(found[1:], at=params["at"])
    return Chunk(promised=given, last_member_id=last if looked_at == params["limit"] else None)


def _tell(promised: Sequence[tuple[Any, ...]], *, at: datetime) -> int:
    """Publish what was promised, rows of (kind, code of the tier, title, members, value, period); how many gifts."""
    for kind, code, title, member_ids, value, period in promised:
        fact = BenefitDue(
            member_id=0,
            kind=kind,
            origin=Entitlement.Origin.TIER.value,
            granted_by=code,
            title=title,
            period=period,
            at=at,
            points=gift_points(kind=kind, value=value),
        )
        outbox.publish_to_each(fact, subject_ids=member_ids)
    return sum(len(row[3]) for row in promised)
