"""A segment of three conditions refreshed among 10,000 and 100,000 members, the first time and when little changed.

The conditions are tier, points and what was spent in 90 days, over two orders per member. The limit is physical: the
same question as one plain statement that writes into a table without keys. The aim is absolute, 50,000 members/s
(1,000,000 in 20 s), and printed as a share of that limit.
"""

import time
from collections.abc import Callable, Iterator
from datetime import datetime

from django.db import connection, models, transaction

from bench.figures import Figure
from bench.sizes import FEW, IN_WORDS, MANY
from bench.tiers import _LOAD, _fill
from mall.models import Order, OrderLine
from members.models import Segment
from members.services import segments

_SIZES = (FEW, MANY)
_AIM = 50_000
_AT = datetime.fromisoformat("2026-11-20T12:00+08:00")
_RULE = {
    "match": "all",
    "groups": [
        {
            "match": "all",
            "negated": False,
            "conditions": [
                {"field": "tier", "operator": "in", "value": ["gold", "diamond"], "days": None},
                {"field": "points", "operator": "at_most", "value": 10_000, "days": None},
                {"field": "spent", "operator": "at_least", "value": 30_000, "days": 90},
            ],
        }
    ],
}
_PLAIN = """
CREATE TABLE twin AS
SELECT 1::bigint AS segment_id, m.id, now() AS at FROM members_member m
JOIN points_account a ON a.id = m.points_account_id AND a.spendable <= 10000
JOIN members_tier t ON t.id = m.tier_id AND t.code IN ('gold', 'diamond')
JOIN (
    SELECT o.member_id FROM mall_order o JOIN mall_orderline l ON l.order_id = o.id
    WHERE o.paid_at >= timestamptz '2026-08-22 12:00+08' GROUP BY o.member_id HAVING sum(l.paid_cents) >= 30000
) s ON s.member_id = m.id
"""
# orders 2n and 2n + 1 are member n's, of ¥100 to ¥400, half of them within the 90 days
_ORDERS = """
SET LOCAL session_replication_role = replica;
INSERT INTO mall_order ({order_columns}) SELECT {order_values}
FROM generate_series({first} + 1, {last}) AS n CROSS JOIN generate_series(0, 1) AS place;
INSERT INTO mall_orderline ({line_columns}) SELECT {line_values}
FROM generate_series({first} + 1, {last}) AS n CROSS JOIN generate_series(0, 1) AS place;
"""
_CENTS = "10000 + (n % 4) * 10000"
_PAID = "timestamptz '2026-11-01 12:00+08' - place * (n % 2) * interval '200 days'"
_ORDER = {
    "id": "2 * n + place",
    "number": "'B' || (2 * n + place)",
    "kind": "'sale'",
    "status": "'completed'",
    "member_id": "n",
    "store_id": "1",
    "channel": "'h5'",
    "goods_cents": _CENTS,
    "payable_cents": _CENTS,
    "paid_at": _PAID,
    "completed_at": _PAID,
    "created_at": _PAID,
}
_LINE = {
    "id": "2 * n + place",
    "order_id": "2 * n + place",
    "sku_id": "1",
    "quantity": "1",
    "unit_price_cents": _CENTS,
    "goods_cents": _CENTS,
    "paid_cents": _CENTS,
}


def measure() -> Iterator[Figure]:
    """Members per second at 100,000 members, and how much longer one takes than among 10,000."""
    fill = _fill() | _columns(Order, _ORDER, "order") | _columns(OrderLine, _LINE, "line")
    seconds: dict[str, list[float]] = {"segment_refresh": [], "segment_again": []}
    limit, loaded = 0.0, 0
    with transaction.atomic():
        segment = segments.write(segment=Segment(name="bench"), rule=_RULE, at=_AT)
    for size in _SIZES:
        _run(_LOAD.format(first=loaded, last=size, **fill))
        _run(_ORDERS.format(first=loaded, last=size, **fill))
        _run("DELETE FROM members_segmentmember")
        _run("ANALYZE")
        loaded = size
        limit = size / _timed(lambda: _run(_PLAIN))
        _run("DROP TABLE twin")
        for taken in seconds.values():
            taken.append(_timed(lambda: _refresh(segment.pk)) / size)
    for name, (small, large) in seconds.items():
        yield Figure(name=name, value=1 / large, unit="members/s", limit=limit, wanted=round(_AIM / limit, 3))
        yield Figure(
            name=f"{name}_{IN_WORDS}", value=large * 1e6, unit="µs/member", limit=small * 1e6, wanted=1.5, at_most=True
        )


def _columns(model: type[models.Model], own: dict[str, str], prefix: str) -> dict[str, str]:
    """The columns of a table and their values: the row's own, or what stands for nothing."""
    values = {field.column: own.get(field.column, _nothing(field)) for field in model._meta.concrete_fields}
    return {f"{prefix}_columns": ", ".join(values), f"{prefix}_values": ", ".join(values.values())}


def _nothing(field: "models.Field[object, object]") -> str:
    if field.null:
        return "NULL"
    if isinstance(field, models.JSONField):
        return "'{}'"
    if isinstance(field, models.BooleanField):
        return "false"
    return "0" if isinstance(field, models.IntegerField) else "''"


def _refresh(segment_id: int) -> None:
    with transaction.atomic():
        segments.begin(segment_id=segment_id, at=_AT)
    is_done = False
    while not is_done:
        with transaction.atomic():
            is_done = segments.refresh_next(segment_id=segment_id).is_done


def _timed(job: Callable[[], None]) -> float:
    began = time.monotonic()
    job()
    return time.monotonic() - began


def _run(sql: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
