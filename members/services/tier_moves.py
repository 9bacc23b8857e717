"""What a move on the ladder writes, set-based: the tier, its period, the change with its cause, and the facts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from config.core.db import transaction_required
from config.outbox import publishing as outbox
from members.events import TierChanged
from members.rules.periods import period_end
from members.rules.tiers import Rung
from members.selectors.growth import shops_way
from members.services.gifts import promise_tier_up

# `closed` is joined so that an open period is decided before the next is written: a member has one open at a time
_MOVE = """
WITH way AS (
    SELECT * FROM unnest(
        %(old)s::bigint[], %(new)s::bigint[],
        %(at)s::timestamptz[], %(starts_at)s::timestamptz[], %(ends_at)s::timestamptz[]
    ) WITH ORDINALITY AS way (old_id, new_id, at, starts_at, ends_at, number)
), move AS MATERIALIZED (
    SELECT * FROM unnest(%(members)s::bigint[], %(growth)s::bigint[], %(periods)s::bigint[], %(ways)s::integer[])
        AS move (member_id, growth, period_id, number) JOIN way USING (number)
), moved AS (
    UPDATE members_member SET tier_id = move.new_id, tier_since = move.at FROM move WHERE id = move.member_id
), noted AS (
    INSERT INTO members_tierchange (member_id, old_tier_id, new_tier_id, growth, cause, at, period_id)
    SELECT member_id, old_id, new_id, growth, %(cause)s, at, period_id FROM move ORDER BY member_id
), closed AS (
    UPDATE members_tierperiod AS period SET outcome = 'moved', growth = move.growth, decided_at = move.at FROM move
    WHERE period.member_id = move.member_id AND period.decided_at IS NULL
    RETURNING period.member_id
)
INSERT INTO members_tierperiod (member_id, tier_id, starts_at, ends_at, outcome)
SELECT move.member_id, move.new_id, move.starts_at, move.ends_at, ''
FROM move LEFT JOIN closed USING (member_id) WHERE move.ends_at IS NOT NULL
"""


class Way(NamedTuple):
    """From which rung to which, and when; `starts_at` is where the next period begins, if not then."""

    old: Rung
    new: Rung
    at: datetime
    starts_at: datetime | None = None


class Move(NamedTuple):
    """One member's move; `period_id` is the period whose end made it."""

    member_id: int
    way: Way
    growth: int
    period_id: int | None = None


@transaction_required
def make(moves: Sequence[Move], *, lowest: Rung, cause: str) -> int:
    """Write these moves, of members who are locked, and say how many led to another rung. One query, and one or two for
    each way that somebody moved."""
    by_way: dict[Way, list[Move]] = {}
    for move in moves:
        if move.way.new.id != move.way.old.id:
            by_way.setdefault(move.way, []).append(move)
    if not by_way:
        return 0
    made = [move for alike in by_way.values() for move in alike]
    numbers = [number for number, alike in enumerate(by_way.values(), start=1) for _ in alike]
    with connection.cursor() as cursor:
        cursor.execute(
            _MOVE,
            {
                **_columns(list(by_way), lowest=lowest),
                "members": [move.member_id for move in made],
                "growth": [move.growth for move in made],
                "periods": [move.period_id for move in made],
                "ways": numbers,
                "cause": cause,
            },
        )
    for way, alike in by_way.items():
        _tell(way, member_ids=sorted(move.member_id for move in alike), cause=cause)
    return len(made)


def _columns(ways: Sequence[Way], *, lowest: Rung) -> dict[str, list[Any]]:
    """The ways by column, with the end of the period that each opens; none on the lowest rung."""
    shops = shops_way()
    starts = [way.starts_at or way.at for way in ways]
    return {
        "old": [way.old.id for way in ways],
        "new": [way.new.id for way in ways],
        "at": [way.at for way in ways],
        "starts_at": starts,
        "ends_at": [
            None if way.new.id == lowest.id else period_end(starts_at=start, way=shops)
            for way, start in zip(ways, starts, strict=True)
        ],
    }


def _tell(way: Way, *, member_ids: Sequence[int], cause: str) -> None:
    """Publish a move of these members, and promise the gift of the tier that was reached."""
    fact = TierChanged(member_id=0, old_tier_code=way.old.code, new_tier_code=way.new.code, cause=cause, at=way.at)
    outbox.publish_to_each(fact, subject_ids=member_ids)
    if way.new.rank > way.old.rank:
        promise_tier_up(member_ids=member_ids, tier_id=way.new.id, at=way.at)
