"""The end of qualification periods: warned of, decided once, one step at most. Set-based, in chunks that may be killed.

A chunk locks members first and reads their growth in a statement of its own, which therefore sees whatever was booked
by whoever held the lock before. Members that somebody holds right now are left to the next run.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from config.core import policies
from config.core.db import fetch_all, fetch_one, transaction_required
from config.outbox import publishing as outbox
from members.events import TierExpiring
from members.rules.periods import decided_on_since, due_before, last_day, period_end
from members.selectors.growth import shops_way
from members.selectors.tiers import ladder
from members.services import tier_moves
from members.services.tier_moves import Move, Way

_GROWTH = """(
    SELECT coalesce(sum(lot.remaining), 0)::bigint AS growth FROM points_lot AS lot
    WHERE lot.account_id = member.growth_account_id AND lot.remaining > 0 AND NOT lot.pending
        AND (day.since IS NULL OR lot.earned_at > least(day.since, period.starts_at))
)"""
# the members of the chunk, locked, by the moment at which their periods end
_DUE = """
WITH due AS MATERIALIZED (
    SELECT period.member_id, period.ends_at FROM members_tierperiod AS period
    JOIN members_member AS member ON member.id = period.member_id
    WHERE period.decided_at IS NULL AND {which}
    ORDER BY period.ends_at LIMIT %(limit)s FOR NO KEY UPDATE OF member SKIP LOCKED
)
SELECT ends_at, array_agg(member_id) FROM due GROUP BY ends_at ORDER BY ends_at
"""
_OVER = "period.ends_at <= %(due)s"
_NEAR = """period.ends_at > %(at)s AND period.ends_at <= %(at)s + %(days)s * interval '24 hours'
    AND (period.warned_days IS NULL OR period.warned_days > %(days)s)"""

# the members come out of a subquery, so that the planner expects few and goes by their indexes: what it would read
# whole instead grows with the shop, for every chunk
_PERIOD = f"""
    unnest((SELECT %(members)s::bigint[])) AS asked (id)
    JOIN members_tierperiod AS period ON period.member_id = asked.id AND period.decided_at IS NULL
    JOIN unnest(%(ends)s::timestamptz[], %(sinces)s::timestamptz[], %(nexts)s::timestamptz[])
        AS day (ends_at, since, next) ON day.ends_at = period.ends_at
    JOIN members_member AS member ON member.id = asked.id
    JOIN (
        SELECT id, coalesce(retention_threshold, threshold) AS kept_from, lag(id) OVER (ORDER BY rank) AS lower_id
        FROM members_tier
    ) AS rung ON rung.id = member.tier_id
    CROSS JOIN LATERAL {_GROWTH} AS sum
"""  # noqa: S608 (our own text)

_DECIDE = f"""
WITH judged AS MATERIALIZED (
    SELECT period.id, period.member_id, member.tier_id, period.ends_at, day.next, sum.growth, rung.lower_id,
        CASE WHEN member.status = 'closed' THEN 'closed'
            WHEN rung.lower_id IS NOT NULL AND sum.growth < rung.kept_from THEN 'lowered' ELSE 'kept' END AS outcome
    FROM {_PERIOD}
), decided AS (
    UPDATE members_tierperiod AS period SET outcome = judged.outcome, growth = judged.growth, decided_at = %(at)s
    FROM judged WHERE period.id = judged.id
    RETURNING judged.member_id, judged.tier_id, judged.ends_at, judged.next, judged.lower_id, judged.outcome
), opened AS (
    INSERT INTO members_tierperiod (member_id, tier_id, starts_at, ends_at, outcome)
    SELECT member_id, tier_id, ends_at, next, '' FROM decided
    WHERE outcome = 'kept' AND lower_id IS NOT NULL AND next IS NOT NULL
)
SELECT member_id, tier_id, lower_id, growth, id, ends_at FROM judged WHERE outcome = 'lowered'
"""  # noqa: S608 (our own text)

_WARN = f"""
WITH judged AS MATERIALIZED (
    SELECT period.member_id, member.tier_id, rung.lower_id, period.ends_at, rung.kept_from - sum.growth AS missing
    FROM {_PERIOD} WHERE member.status <> 'closed'
), warned AS (
    UPDATE members_tierperiod AS period SET warned_days = %(days)s WHERE period.member_id = ANY(%(members)s)
        AND period.decided_at IS NULL
)
SELECT member_id, tier_id, lower_id, ends_at, missing FROM judged
WHERE missing > 0 AND lower_id IS NOT NULL ORDER BY member_id
"""  # noqa: S608 (our own text)

_OPEN = """
WITH chunk AS MATERIALIZED (
    SELECT id, tier_id, status FROM members_member WHERE id > %(after)s ORDER BY id LIMIT %(limit)s
), missing AS MATERIALIZED (
    SELECT member.id, member.tier_id FROM members_member AS member JOIN chunk ON chunk.id = member.id
    WHERE chunk.status <> 'closed' AND chunk.tier_id <> %(lowest)s
        AND NOT EXISTS (SELECT FROM members_tierperiod WHERE member_id = member.id AND decided_at IS NULL)
    ORDER BY member.id FOR NO KEY UPDATE OF member
), opened AS (
    INSERT INTO members_tierperiod (member_id, tier_id, starts_at, ends_at, outcome)
    SELECT id, tier_id, %(at)s, %(ends_at)s, '' FROM missing ON CONFLICT DO NOTHING RETURNING 1
)
SELECT (SELECT count(*) FROM opened), max(id), count(*) FROM chunk
"""


@dataclass(frozen=True, kw_only=True)
class Decided:
    """How many periods were decided and how many of their members went down; `decided` 0: none is due any more."""

    decided: int
    lowered: int


@dataclass(frozen=True, kw_only=True)
class Opened:
    """How many periods were opened; `last_member_id` is where the next chunk goes on, None when all were looked at."""

    opened: int
    last_member_id: int | None


@transaction_required
def decide_next(*, at: datetime, limit: int) -> Decided:
    """Decide up to `limit` periods that are over and had their grace: kept, or one tier lower. Five queries or so."""
    way = shops_way()
    if way.is_for_life:
        return Decided(decided=0, lowered=0)
    due = fetch_all(_DUE.format(which=_OVER), {"due": due_before(at=at, way=way), "limit": limit})
    members = [member for _, chunk in due for member in chunk]
    if not members:
        return Decided(decided=0, lowered=0)
    rungs = {rung.id: rung for rung in ladder()}
    rows = fetch_all(_DECIDE, {"at": at, "members": members, **_days([ends_at for ends_at, _ in due])})
    moves = [
        Move(member, Way(rungs[old], rungs[new], at, starts_at=ends_at), growth, period_id=period)
        for member, old, new, growth, period, ends_at in rows
    ]
    lowest = min(rungs.values(), key=lambda rung: rung.rank)
    lowered = tier_moves.make(moves, lowest=lowest, cause="period")
    return Decided(decided=len(members), lowered=lowered)


@transaction_required
def warn_next(*, at: datetime, days: int, limit: int) -> int:
    """Tell members whose period ends within `days` days, each once for these days, what growth they lack to keep their
    tier; how many of at most `limit` were looked at."""
    if shops_way().is_for_life or days == 0:
        return 0
    due = fetch_all(_DUE.format(which=_NEAR), {"at": at, "days": days, "limit": limit})
    members = [member for _, chunk in due for member in chunk]
    if not members:
        return 0
    rungs = {rung.id: rung for rung in ladder()}
    cost = policies.current().growth_cost_cents
    rows = fetch_all(_WARN, {"days": days, "members": members, **_days([ends_at for ends_at, _ in due])})
    outbox.publish_many(
        TierExpiring(
            member_id=member,
            tier_code=rungs[tier].code,
            tier_name=rungs[tier].name,
            lower_tier_name=rungs[lower].name,
            last_day=last_day(ends_at=ends_at),
            days=days,
            missing_growth=missing,
            missing_cents=missing * cost,
            at=at,
        )
        for member, tier, lower, ends_at, missing in rows
    )
    return len(members)


@transaction_required
def open_missing(*, at: datetime, after_member_id: int, limit: int) -> Opened:
    """Open a period from now on for those of the next members by id who stand above the lowest tier without one."""
    ends_at = period_end(starts_at=at, way=shops_way())
    if ends_at is None:
        return Opened(opened=0, last_member_id=None)
    params = {"after": after_member_id, "limit": limit, "lowest": ladder()[0].id, "at": at, "ends_at": ends_at}
    opened, last, looked_at = fetch_one(_OPEN, params) or (0, None, 0)
    return Opened(opened=opened, last_member_id=last if looked_at == limit else None)


def _days(ends: Sequence[datetime]) -> dict[str, Any]:
    """Per moment at which periods end, what growth decides and when the next one ends, as the pure rules have it."""
    way = shops_way()
    return {
        "ends": list(ends),
        "sinces": [decided_on_since(ends_at=one, way=way) for one in ends],
        "nexts": [period_end(starts_at=one, way=way) for one in ends],
    }


def warning_steps() -> list[int]:
    """The days before a period's end at which members are told, fewest first: who is told of the nearest is not told of
    the ones before."""
    shop = policies.current()
    return sorted({shop.tier_warning_first_days, shop.tier_warning_last_days} - {0})
