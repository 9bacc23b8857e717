"""What each channel brought between two days: visits, newcomers, first orders, revenue, and what a newcomer cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from config.core.db import fetch_all
from config.core.time import day_start
from members.models import Channel

_REPORT = """
WITH visits AS (
    SELECT channel_id, count(DISTINCT visitor_index) AS visitors FROM members_channelvisit
    WHERE day >= %(first)s AND day <= %(last)s GROUP BY channel_id
), newcomers AS (
    SELECT channel_id, count(*) AS registered FROM members_attribution
    WHERE attributed_at >= %(from)s AND attributed_at < %(until)s GROUP BY channel_id
), sales AS (
    SELECT a.channel_id, count(*) FILTER (WHERE o.is_first) AS first_orders, count(*) AS orders,
        sum(o.paid_cents - o.refunded_cents) AS revenue_cents
    FROM members_channelorder o JOIN members_attribution a ON a.id = o.attribution_id
    WHERE o.paid_at >= %(from)s AND o.paid_at < %(until)s GROUP BY a.channel_id
), costs AS (
    SELECT channel_id, sum(cost_cents) AS cost_cents FROM members_channelcost
    WHERE day >= %(first)s AND day <= %(last)s GROUP BY channel_id
)
SELECT c.id, c.name, c.code, c.kind, coalesce(visitors, 0), coalesce(registered, 0), coalesce(first_orders, 0),
    coalesce(orders, 0), coalesce(revenue_cents, 0)::bigint, coalesce(cost_cents, 0)::bigint
FROM members_channel c
LEFT JOIN visits ON visits.channel_id = c.id
LEFT JOIN newcomers ON newcomers.channel_id = c.id
LEFT JOIN sales ON sales.channel_id = c.id
LEFT JOIN costs ON costs.channel_id = c.id
ORDER BY coalesce(registered, 0) DESC, c.id
"""


@dataclass(frozen=True, kw_only=True)
class ChannelFigures:
    """One channel's figures, or those of all together. Revenue is cash for goods less what was refunded."""

    id: int | None
    name: str
    code: str
    kind: str
    visitors: int
    registered: int
    first_orders: int
    orders: int
    revenue_cents: int
    cost_cents: int

    @property
    def cost_per_member_cents(self) -> int | None:
        """What a newcomer cost, cut to cents; None when nobody came."""
        return self.cost_cents // self.registered if self.registered else None


def report(*, first: date, last: date) -> list[ChannelFigures]:
    """Every channel from `first` to `last`, both included, the one with most newcomers first. One query."""
    kinds = dict(Channel.Kind.choices)
    until = day_start(last + timedelta(days=1))
    rows = fetch_all(_REPORT, {"first": first, "last": last, "from": day_start(first), "until": until})
    return [_figures(row, kinds) for row in rows]


def together(rows: Sequence[ChannelFigures]) -> ChannelFigures:
    """The sum of all; a browser that came by two channels counts for both."""
    return ChannelFigures(
        id=None,
        name="合计",
        code="",
        kind="",
        visitors=sum(row.visitors for row in rows),
        registered=sum(row.registered for row in rows),
        first_orders=sum(row.first_orders for row in rows),
        orders=sum(row.orders for row in rows),
        revenue_cents=sum(row.revenue_cents for row in rows),
        cost_cents=sum(row.cost_cents for row in rows),
    )


def _figures(row: tuple[object, ...], kinds: dict[str, str]) -> ChannelFigures:
    channel_id, name, code, kind, *figures = row
    visitors, registered, first_orders, orders, revenue_cents, cost_cents = (int(str(one)) for one in figures)
    return ChannelFigures(
        id=int(str(channel_id)),
        name=str(name),
        code=str(code),
        kind=kinds.get(str(kind), str(kind)),
        visitors=visitors,
        registered=registered,
        first_orders=first_orders,
        orders=orders,
        revenue_cents=revenue_cents,
        cost_cents=cost_cents,
    )
