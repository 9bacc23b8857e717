"""What a move on the ladder writes, set-based: the tier, its period, the change with its cause, and the facts."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

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
WITH move AS (
    SELECT * FROM unnest(
        %(members)s::bigint[], %(old)s::bigint[], %(new)s::bigint[], %(growth)s::bigint[], %(at)s::timestamptz[],
        %(starts_at)s::timestamptz[], %(ends_at)s::timestamptz[], %(periods)s::bigint[]
    ) AS move (member_id, old_id, new_id, growth, at, starts_at, ends_at, period_id)
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


class Move(NamedTuple):
    """One member's move; `period_id` and `starts_at` where the end of a period made it."""

    member_id: int
    old: Rung
    new: Rung
    growth: int
    at: datetime
    period_id: int | None = None
    starts_at: datetime | None = None


@transaction_required
def make(moves: Sequence[Move], *, lowest: Rung, cause: str) -> int:
    """Write these moves, of members who are locked, and say how many led to another rung. Two queries, and one for each
    pair of rungs that somebody moved between."""
    made = [move for move in moves if move.new.id != move.old.id]
    if not made:
        return 0
    starts = [move.starts_at or move.at for move in made]
    way = shops_way()
    ends = [
        None if move.new.id == lowest.id else period_end(starts_at=start, way=way)
        for move, start in zip(made, starts, strict=True)
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            _MOVE,
            {
                "members": [move.member_id for move in made],
                "old": [move.old.id for move in made],
                "new": [move.new.id for move in made],
                "growth": [move.growth for move in made],
                "at": [move.at for move in made],
                "starts_at": starts,
                "ends_at": ends,
                "periods": [move.period_id for move in made],
                "cause": cause,
            },
        )
    _tell(made, cause=cause)
    return len(made)


def _tell(made: Sequence[Move], *, cause: str) -> None:
    """Publish the moves, and promise the gifts of the tiers that were reached."""
    for (old, new, at), alike in groupby(
        sorted(made, key=_kind_of_move), key=lambda move: (move.old, move.new, move.at)
    ):
        ids = [move.member_id for move in alike]
        fact = TierChanged(member_id=0, old_tier_code=old.code, new_tier_code=new.code, cause=cause, at=at)
        outbox.publish_to_each(fact, subject_ids=ids)
        if new.rank > old.rank:
            promise_tier_up(member_ids=ids, tier_id=new.id, at=at)


def _kind_of_move(move: Move) -> tuple[int, int, datetime, int]:
    return (move.old.id, move.new.id, move.at, move.member_id)
