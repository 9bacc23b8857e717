"""Tiers of 10,000 and 100,000 members looked at again: who may rise, whose period is over, who gets the month's pack.

The limit is physical: per member the sum of its growth, one row rewritten and one added, in plain SQL on tables without
foreign keys, in chunks of the same size. The aim is absolute, 20,000 members/s, and printed as a share of that limit.
"""

import time
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from statistics import median

from django.db import connection, transaction

from bench.figures import Figure
from bench.sizes import FEW, IN_WORDS, MANY
from members.models import Member
from members.services import gifts, periods, tiers
from members.services.registration import register_by_phone

_CHUNK = 5_000
_SIZES = (FEW, MANY)
_AIM = 20_000
_END = datetime.fromisoformat("2027-11-19T00:00+08:00")

# account 100 + 2n holds points, 101 + 2n growth; a quarter each ends its period with too
# little, and a twentieth may rise
_LOAD = """
SET LOCAL session_replication_role = replica;
INSERT INTO points_account (id, asset, spendable)
SELECT 100 + 2 * n + side, CASE side WHEN 0 THEN 'points' ELSE 'growth' END, 0
FROM generate_series({first} + 1, {last}) AS n CROSS JOIN generate_series(0, 1) AS side;
INSERT INTO points_lot (id, account_id, entry_id, points, remaining, earned_at)
SELECT n * 4 + place, 101 + 2 * n, n * 4 + place, 9000,
    CASE WHEN n % 4 = 0 THEN 100 WHEN n % 20 = 1 THEN 9000 ELSE 3000 END,
    timestamptz '2026-06-01 12:00+08' + place * interval '4 months'
FROM generate_series({first} + 1, {last}) AS n CROSS JOIN generate_series(0, 3) AS place;
INSERT INTO members_member ({columns}) SELECT {values}
FROM generate_series({first} + 1, {last}) AS n CROSS JOIN members_member AS pattern WHERE pattern.id = {pattern};
INSERT INTO members_tierperiod (member_id, tier_id, starts_at, ends_at, outcome)
SELECT id, tier_id, tier_since, timestamptz '{end}', '' FROM members_member WHERE id > {first} AND id <= {last};
"""
_OWN = {  # what tells the members of the bench apart; the rest is copied from one who registered
    "id": "n",
    "number": "n",
    "points_account_id": "100 + 2 * n",
    "growth_account_id": "101 + 2 * n",
    "tier_id": "(SELECT id FROM members_tier WHERE code = 'gold')",
    "phone_index": "NULL",
    "user_id": "NULL",
}
_TWIN = """
CREATE TABLE twin AS SELECT * FROM members_tierperiod WHERE decided_at IS NULL;
CREATE TABLE twin_next AS SELECT * FROM members_tierperiod WHERE false;
CREATE INDEX ON twin (id); CREATE INDEX ON twin_next (member_id); CREATE INDEX ON twin_next (ends_at);
ANALYZE twin
"""
_TWIN_CHUNK = """
WITH growth AS (
    SELECT twin.id, (
        SELECT sum(remaining) FROM points_lot WHERE account_id = 101 + 2 * twin.member_id AND remaining > 0
    ) AS growth FROM twin WHERE decided_at IS NULL ORDER BY id LIMIT {chunk}
), decided AS (
    UPDATE twin SET decided_at = now(), growth = growth.growth FROM growth WHERE twin.id = growth.id RETURNING twin.*
)
INSERT INTO twin_next SELECT * FROM decided
"""


def measure() -> Iterator[Figure]:
    """Members per second of each job at 100,000 members, and how much longer one takes than among 10,000."""
    _run(
        "INSERT INTO members_benefit (tier_id, kind, title, subtitle, icon, position, config)"
        " SELECT id, 'monthly_coupons', 'bench', '', 'gift', 9, '{}' FROM members_tier WHERE code IN ('silver', 'gold')"
    )
    fill = _fill()
    seconds: dict[str, list[tuple[float, float]]] = {}
    limit, loaded = 0.0, 0
    for size in _SIZES:
        _run(_LOAD.format(first=loaded, last=size, **fill))
        _run("ANALYZE")
        members, loaded = size - loaded, size
        limit = _limit(members)
        for name, job in (("tiers_lift", _lift), ("tiers_reevaluate", _decide), ("tiers_monthly_packs", _promise)):
            looked_at = size if job is not _decide else members
            seconds.setdefault(name, []).append(_timed(job(), looked_at))
    for name, (small, large) in seconds.items():
        yield Figure(name=name, value=1 / large[0], unit="members/s", limit=limit, wanted=round(_AIM / limit, 3))
        yield Figure(
            name=f"{name}_{IN_WORDS}",
            value=large[1] * 1e6,
            unit="µs/member",
            limit=small[1] * 1e6,
            wanted=1.5,
            at_most=True,
        )


def _fill() -> dict[str, object]:
    """What the statements that load are filled with; one member registers, far beyond the ids of the others."""
    at = datetime.fromisoformat("2026-11-18T12:00+08:00")
    with transaction.atomic():
        member_id = register_by_phone(phone="13800000001", channel="h5", at=at).member_id
    pattern = 10_000_000
    Member.objects.filter(pk=member_id).update(id=pattern)
    names = [field.column for field in Member._meta.concrete_fields]
    return {
        "columns": ", ".join(names),
        "values": ", ".join(_OWN.get(name, f"pattern.{name}") for name in names),
        "pattern": pattern,
        "end": _END.isoformat(),
    }


def _limit(members: int) -> float:
    _run(_TWIN)
    began = time.monotonic()
    for _ in range(members // _CHUNK):
        _run(_TWIN_CHUNK.format(chunk=_CHUNK))
    took = time.monotonic() - began
    _run("DROP TABLE twin, twin_next")
    return members / took


def _lift() -> Iterator[None]:
    after: int | None = 0
    while after is not None:
        with transaction.atomic():
            chunk = tiers.reevaluate_next(after_member_id=after, limit=_CHUNK, at=_END, cause="bench")
        after = chunk.last_member_id
        yield


def _decide() -> Iterator[None]:
    decided = 1
    while decided:
        with transaction.atomic():
            decided = periods.decide_next(at=_END, limit=_CHUNK).decided
        yield


def _promise() -> Iterator[None]:
    after: int | None = 0
    while after is not None:
        with transaction.atomic():
            after = gifts.promise_monthly(at=_END, after_member_id=after, limit=_CHUNK).last_member_id
        yield


def _timed(job: Iterator[None], members: int) -> tuple[float, float]:
    """Seconds per member over the whole run, and of the median full chunk: a pause of the machine isn't in it."""
    marks = [time.monotonic(), *(time.monotonic() for _ in job)]
    chunks = [after - before for before, after in pairwise(marks)][: members // _CHUNK]
    return (marks[-1] - marks[0]) / members, median(chunks) / _CHUNK


def _run(sql: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
