"""Moving members on the ladder, with a record and a fact for every move."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from config.core.db import fetch_one, transaction_required
from members.rules import tiers as rules
from members.rules.periods import counted_since
from members.rules.tiers import Rung
from members.selectors.growth import qualifying_growth, shops_way
from members.selectors.tiers import ladder
from members.services import tier_moves
from members.services.locks import OnLadder, lock_on_ladder
from members.services.tier_moves import Move, Way

_BATCH = 1000

# of the next members by id, those who have the growth of a higher rung; nobody is locked yet
_LIFTABLE = """
WITH chunk AS MATERIALIZED (
    SELECT id, tier_id, growth_account_id FROM members_member WHERE id > %(after)s ORDER BY id LIMIT %(limit)s
), step AS (
    SELECT id, lead(threshold) OVER (ORDER BY rank) AS next_threshold FROM members_tier
)
SELECT count(*), max(chunk.id), array_agg(chunk.id) FILTER (WHERE (
    SELECT sum(lot.remaining) FROM points_lot AS lot
    WHERE lot.account_id = chunk.growth_account_id AND lot.remaining > 0 AND NOT lot.pending
        AND (%(since)s::timestamptz IS NULL OR lot.earned_at > %(since)s)
) >= step.next_threshold)
FROM chunk JOIN step ON step.id = chunk.tier_id
"""


@transaction_required
def reevaluate(*, member_id: int, at: datetime, cause: str) -> bool:
    """Lift the member to the tier that their qualifying growth reaches; True when they moved. Never lowers."""
    return reevaluate_many(moments={member_id: at}, cause=cause) == 1


@transaction_required
def reevaluate_many(*, moments: Mapping[int, datetime], cause: str) -> int:
    """Lift these members, each as of their own moment, and say how many moved. Never lowers.

    About 7 queries per 1000 members.
    """
    rungs = ladder()
    moved = 0
    ordered = sorted(moments)
    for start in range(0, len(ordered), _BATCH):
        members = lock_on_ladder(ordered[start : start + _BATCH])
        growth = qualifying_growth(moments={row.growth_account: moments[row.member_id] for row in members})
        moves = [_upward(row, growth[row.growth_account], rungs, at=moments[row.member_id]) for row in members]
        moved += tier_moves.make(moves, lowest=rungs[0], cause=cause)
    return moved


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """How many moved; `last_member_id` is where the next chunk goes on, None when everyone was looked at."""

    moved: int
    last_member_id: int | None


@transaction_required
def reevaluate_next(*, after_member_id: int, limit: int, at: datetime, cause: str) -> Chunk:
    """Look at the next `limit` members by id and lift those whom the ladder lifts. Never lowers."""
    since = counted_since(at=at, way=shops_way())
    found = fetch_one(_LIFTABLE, {"after": after_member_id, "limit": limit, "since": since})
    looked_at, last, liftable = found or (0, None, None)
    moved = reevaluate_many(moments=dict.fromkeys(liftable or [], at), cause=cause)
    return Chunk(moved=moved, last_member_id=last if looked_at == limit else None)


@transaction_required
def reevaluate_after_taking_back(
    *, growth_before: Mapping[int, int], moments: Mapping[int, datetime], cause: str
) -> int:
    """Look again, as of their own moments, at members of whom growth was taken back; how many moved.

    It lowers a member at once, but only when the growth taken back was what carried them. About 6 queries.
    """
    rungs, members = ladder(), lock_on_ladder(sorted(moments))
    growth = qualifying_growth(moments={row.growth_account: moments[row.member_id] for row in members})
    moves = []
    for row in members:
        old, after = _rung_of(row, rungs), growth[row.growth_account]
        new = rules.after_taking_back(current=old, before=growth_before[row.member_id], after=after, ladder=rungs)
        moves.append(Move(row.member_id, Way(old, new, moments[row.member_id]), after))
    return tier_moves.make(moves, lowest=rungs[0], cause=cause)


@transaction_required
def reevaluate_merged(*, member_id: int, other_tier_id: int, at: datetime, cause: str) -> bool:
    """Put a member into whom another was merged on the higher of both tiers, or where their growth leads; moved?"""
    rungs, (member,) = ladder(), lock_on_ladder([member_id])
    growth = qualifying_growth(moments={member.growth_account: at})[member.growth_account]
    own, other = _rung_of(member, rungs), next(rung for rung in rungs if rung.id == other_tier_id)
    higher = max(own, other, key=lambda rung: rung.rank)
    new = rules.raised(current=higher, growth=growth, ladder=rungs)
    moves = [Move(member_id, Way(own, new, at), growth)]
    return tier_moves.make(moves, lowest=rungs[0], cause=cause) == 1


def _rung_of(member: OnLadder, rungs: Sequence[Rung]) -> Rung:
    return next(rung for rung in rungs if rung.id == member.tier_id)


def _upward(member: OnLadder, growth: int, rungs: Sequence[Rung], *, at: datetime) -> Move:
    old = _rung_of(member, rungs)
    new = rules.raised(current=old, growth=growth, ladder=rungs)
    return Move(member.member_id, Way(old, new, at), growth)
