"""Who would move if the ladder were another one, and what its benefits would cost: before anything is saved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from config.core import policies
from config.core.db import fetch_all, fetch_one
from members.ports import member_price_sales
from members.rules.benefit_costs import DAYS, Bought, MonthlyCost, Rates, Sold, member_price_cost, monthly_cost
from members.rules.benefits import Kind, Terms, combine
from members.rules.periods import counted_since
from members.rules.tiers import Rung
from members.selectors.growth import shops_way

_LOOKED_AT = 50_000  # of more members a sample is looked at, so that no page waits for all of them

_JUDGED = """
WITH rung AS (
    SELECT *, lag(id) OVER (ORDER BY rank) AS lower_id, lead(threshold) OVER (ORDER BY rank) AS next_threshold
    FROM unnest(%(ids)s::bigint[], %(ranks)s::integer[], %(thresholds)s::bigint[], %(kept_from)s::bigint[])
        AS rung (id, rank, threshold, kept_from)
), judged AS (
    SELECT member.id, member.tier_id, did.growth, did.earned, did.orders, rung.lower_id, rung.kept_from,
        CASE WHEN did.growth >= rung.next_threshold THEN (
            SELECT id FROM rung AS higher WHERE higher.threshold <= did.growth ORDER BY rank DESC LIMIT 1
        ) ELSE member.tier_id END AS lifted_id
    FROM members_member AS member JOIN rung ON rung.id = member.tier_id
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(remaining) FILTER (
                WHERE %(since)s::timestamptz IS NULL OR earned_at > %(since)s
            ), 0) AS growth,
            coalesce(sum(remaining) FILTER (WHERE earned_at > %(lately)s), 0) AS earned,
            count(*) FILTER (WHERE earned_at > %(lately)s) AS orders
        FROM points_lot WHERE account_id = member.growth_account_id AND remaining > 0 AND NOT pending
    ) AS did
    WHERE member.status <> 'closed' AND member.id %% %(step)s = 0
), moved AS (
    SELECT id, tier_id, lifted_id, earned, orders, CASE
        WHEN lifted_id = tier_id AND lower_id IS NOT NULL AND growth < kept_from AND NOT %(for_life)s THEN lower_id
        ELSE lifted_id END AS ended_id
    FROM judged
)
"""
_MOVES = """{judged}
SELECT tier_id, lifted_id, ended_id, count(*)::bigint, sum(earned)::bigint, sum(orders)::bigint
FROM moved GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
_SOLD = """{judged}
SELECT moved.ended_id, sold.price_cents, sold.member_price_cents, sum(sold.units)::bigint
FROM moved JOIN ({sales}) AS sold ON sold.member_id = moved.id GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""


@dataclass(frozen=True, kw_only=True)
class Proposed:
    """A tier as it would be; the id of one that is new is 0."""

    rung: Rung
    terms: tuple[Terms, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Cell:
    """How many members of one tier would be on another: at once, when they rise, or when their period ends."""

    old: Rung
    new: Rung
    members: int


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """What a ladder leads to. `moves` is from tier to tier once every period has ended, with growth as it is now."""

    moves: tuple[Cell, ...]
    rising: int
    falling: int
    members_by_tier: Mapping[int, int]
    cost: MonthlyCost


@dataclass(frozen=True, kw_only=True)
class WhatIf:
    """The ladder as it is beside the one proposed; `sample` is how many members were looked at, None: all of them."""

    now: Outlook
    then: Outlook
    sample: int | None


def what_if(*, now: Sequence[Proposed], then: Sequence[Proposed], at: datetime) -> WhatIf:
    """Both ladders over the same members; nothing is written. Three queries, however many members, and one more for a
    ladder with member prices."""
    (everyone,) = fetch_one("SELECT count(*) FROM members_member WHERE status <> 'closed'", {}) or (0,)
    step = max(1, -(-everyone // _LOOKED_AT))
    discounts = {tier.rung.id: combine(tier.terms).discount for tier in now}
    outlooks = [_outlook(ladder, discounts=discounts, at=at, step=step) for ladder in (now, then)]
    return WhatIf(now=outlooks[0], then=outlooks[1], sample=None if step == 1 else -(-everyone // step))


def _outlook(ladder: Sequence[Proposed], *, discounts: Mapping[int, Decimal], at: datetime, step: int) -> Outlook:
    params = _params(ladder, at=at, step=step)
    tiers = {tier.rung.id: tier for tier in ladder}
    cells: dict[tuple[int, int], int] = {}
    by_tier = dict.fromkeys(tiers, 0)
    cost, rising, falling = _member_prices(ladder, params, step=step), 0, 0
    for old, lifted, ended, members, growth, orders in fetch_all(_MOVES.format(judged=_JUDGED), params):
        cells[old, ended] = cells.get((old, ended), 0) + members * step
        by_tier[ended] += members * step
        rising += members * step if lifted != old else 0
        falling += members * step if ended != lifted else 0
        bought = Bought(
            members=members * step,
            growth=growth * step,
            orders=orders * step,
            paid_share=discounts.get(old, Decimal(1)),
        )
        cost = cost.plus(monthly_cost(bought=bought, terms=tiers[ended].terms, rates=_rates()))
    moves = tuple(
        Cell(old=tiers[old].rung, new=tiers[new].rung, members=members) for (old, new), members in cells.items()
    )
    return Outlook(moves=moves, rising=rising, falling=falling, members_by_tier=by_tier, cost=cost)


def _params(ladder: Sequence[Proposed], *, at: datetime, step: int) -> dict[str, Any]:
    way = shops_way()
    return {
        "ids": [tier.rung.id for tier in ladder],
        "ranks": [tier.rung.rank for tier in ladder],
        "thresholds": [tier.rung.threshold for tier in ladder],
        "kept_from": [tier.rung.kept_from for tier in ladder],
        "since": counted_since(at=at, way=way),
        "lately": at - timedelta(days=DAYS),
        "step": step,
        "for_life": way.is_for_life,
    }


def _member_prices(ladder: Sequence[Proposed], params: dict[str, Any], *, step: int) -> MonthlyCost:
    """What member prices would cost those who end up on the tiers that have them."""
    having = [tier for tier in ladder if combine(tier.terms).has(Kind.MEMBER_PRICE)]
    if not having:
        return MonthlyCost()
    sold: dict[int, list[Sold]] = {}
    for ended, price, member_price, units in fetch_all(
        _SOLD.format(judged=_JUDGED, sales=member_price_sales()), params
    ):
        row = Sold(price_cents=price, member_price_cents=member_price, units=units * step)
        sold.setdefault(ended, []).append(row)
    cost = MonthlyCost()
    for tier in having:
        cost = cost.plus(member_price_cost(sold=sold.get(tier.rung.id, []), terms=tier.terms))
    return cost


def _rates() -> Rates:
    shop = policies.current()
    return Rates(
        growth_cost_cents=shop.growth_cost_cents,
        points_per_yuan=shop.points_per_yuan,
        freight_cents=shop.freight_cents,
    )
