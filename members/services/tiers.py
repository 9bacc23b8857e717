"""Moving members on the ladder, with a record and a fact for every move."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from config.core.db import transaction_required
from config.outbox import publishing as outbox
from members.events import TierChanged
from members.models import Member, TierChange
from members.rules import tiers as rules
from members.rules.tiers import Rung
from members.selectors.growth import qualifying_growth
from members.selectors.tiers import ladder
from members.services.locks import lock_members

_BATCH = 1000


@dataclass(frozen=True, kw_only=True)
class _Move:
    member: Member
    old: Rung
    new: Rung
    growth: int
    at: datetime


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
        members = lock_members(ordered[start : start + _BATCH])
        growth = qualifying_growth(moments={row.growth_account_id: moments[pk] for pk, row in members.items()})
        moves = [_upward(row, growth[row.growth_account_id], rungs, at=moments[pk]) for pk, row in members.items()]
        moved += _make(moves, cause=cause)
    return moved


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """How many moved; `last_member_id` is where the next chunk goes on, None when everyone was looked at."""

    moved: int
    last_member_id: int | None


@transaction_required
def reevaluate_next(*, after_member_id: int, limit: int, at: datetime, cause: str) -> Chunk:
    """Look at the next `limit` members by id and lift those whom the ladder lifts. Never lowers."""
    later = Member.objects.filter(pk__gt=after_member_id).order_by("pk")
    ids = list(later.values_list("pk", flat=True)[:limit])
    moved = reevaluate_many(moments=dict.fromkeys(ids, at), cause=cause)
    return Chunk(moved=moved, last_member_id=ids[-1] if len(ids) == limit else None)


@transaction_required
def reevaluate_after_taking_back(
    *, growth_before: Mapping[int, int], moments: Mapping[int, datetime], cause: str
) -> int:
    """Look again, as of their own moments, at members of whom growth was taken back; how many moved.

    It lowers a member at once, but only when the growth taken back was what carried them. About 6 queries.
    """
    rungs, members = ladder(), lock_members(sorted(moments))
    growth = qualifying_growth(moments={row.growth_account_id: moments[pk] for pk, row in members.items()})
    moves = []
    for pk, row in members.items():
        old, after = _rung_of(row, rungs), growth[row.growth_account_id]
        new = rules.after_taking_back(current=old, before=growth_before[pk], after=after, ladder=rungs)
        moves.append(_Move(member=row, old=old, new=new, growth=after, at=moments[pk]))
    return _make(moves, cause=cause)


@transaction_required
def reevaluate_merged(*, member_id: int, other_tier_id: int, at: datetime, cause: str) -> bool:
    """Put a member into whom another was merged on the higher of both tiers, or where their growth leads; moved?"""
    rungs, member = ladder(), lock_members([member_id])[member_id]
    growth = qualifying_growth(moments={member.growth_account_id: at})[member.growth_account_id]
    own, other = _rung_of(member, rungs), next(rung for rung in rungs if rung.id == other_tier_id)
    higher = max(own, other, key=lambda rung: rung.rank)
    new = rules.raised(current=higher, growth=growth, ladder=rungs)
    return _make([_Move(member=member, old=own, new=new, growth=growth, at=at)], cause=cause) == 1


def _rung_of(member: Member, rungs: Sequence[Rung]) -> Rung:
    return next(rung for rung in rungs if rung.id == member.tier_id)


def _upward(member: Member, growth: int, rungs: Sequence[Rung], *, at: datetime) -> _Move:
    old = _rung_of(member, rungs)
    new = rules.raised(current=old, growth=growth, ladder=rungs)
    return _Move(member=member, old=old, new=new, growth=growth, at=at)


def _make(moves: Sequence[_Move], *, cause: str) -> int:
    made = [move for move in moves if move.new.id != move.old.id]
    for move in made:
        move.member.tier_id = move.new.id
        move.member.tier_since = move.at
    Member.objects.bulk_update([move.member for move in made], ["tier", "tier_since"])
    TierChange.objects.bulk_create(
        TierChange(
            member=move.member,
            old_tier_id=move.old.id,
            new_tier_id=move.new.id,
            growth=move.growth,
            cause=cause,
            at=move.at,
        )
        for move in made
    )
    outbox.publish_many(
        TierChanged(
            member_id=move.member.pk,
            old_tier_code=move.old.code,
            new_tier_code=move.new.code,
            cause=cause,
            at=move.at,
        )
        for move in made
    )
    return len(made)
