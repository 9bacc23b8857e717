"""Finding members who may be one person: chunk by chunk at night, over blind indexes; staff decide what they are."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import ClassVar, Final

from config.core.crypto import blind_index
from config.core.db import fetch_all, transaction_required
from config.core.errors import DomainError
from members.models import Duplicate, DuplicateTrace, Member
from members.rules import duplicates as rules

_Kind = DuplicateTrace.Kind
_Pairs = dict[tuple[int, int], set[str]]

# Pairs of members that share a trace, unless so many do that it says nothing; one statement for each table. Who of them
# is active is asked afterwards, of the few that were found: joined in, the planner reads all members for every chunk.
_SHARED: Final = """
SELECT DISTINCT mine.member_id, other.member_id, {kind}
FROM {table} AS mine
JOIN {table} AS other
  ON other.{trace} = mine.{trace} AND {same_kind} AND other.member_id > mine.member_id
WHERE mine.member_id > %(after)s AND mine.member_id <= %(last)s AND {is_told}
  AND (SELECT count(*) FROM (
         SELECT 1 FROM {table} AS alike WHERE alike.{trace} = mine.{trace} AND {alike_kind} LIMIT %(most)s + 1
       ) AS few) <= %(most)s
"""
_SOURCES: Final = (
    _SHARED.format(
        table="members_duplicatetrace",
        trace="trace",
        kind="mine.kind",
        same_kind="other.kind = mine.kind",
        alike_kind="alike.kind = mine.kind",
        is_told="true",
    ),
    _SHARED.format(
        table="members_membertrace",
        trace="trace_index",
        kind="'device'",
        same_kind="other.kind = mine.kind",
        alike_kind="alike.kind = mine.kind",
        is_told="mine.kind = 'device'",
    ),
    _SHARED.format(
        table="members_identity",
        trace="unionid_index",
        kind="'unionid'",
        same_kind="true",
        alike_kind="true",
        is_told="mine.unionid_index <> ''",
    ),
)


class AlreadyDecided(DomainError):
    """Somebody has decided on this pair."""

    code: ClassVar[str] = "already_decided"
    message: ClassVar[str] = "这对会员已经处理过了"


@transaction_required
def trace_next(*, after_member_id: int, limit: int) -> int | None:
    """Bring the traces of the next members up to date; the last one's id, or None when there are none left."""
    members = Member.objects.filter(pk__gt=after_member_id).order_by("pk")[:limit]
    chunk = list(members.only("pk", "name", "birthday", "phone", "status"))
    if not chunk:
        return None
    wanted = {
        (member.pk, kind, blind_index(text, purpose=f"duplicate-{kind}"))
        for member in chunk
        if member.status == Member.Status.ACTIVE
        for kind, text in _texts_of(member)
    }
    rows = DuplicateTrace.objects.filter(member__gt=after_member_id, member__lte=chunk[-1].pk)
    known = {(member, kind, trace): pk for pk, member, kind, trace in rows.values_list("pk", "member", "kind", "trace")}
    DuplicateTrace.objects.filter(pk__in=[pk for key, pk in known.items() if key not in wanted]).delete()
    DuplicateTrace.objects.bulk_create(
        DuplicateTrace(member_id=pk, kind=kind, trace=trace) for pk, kind, trace in sorted(wanted - known.keys())
    )
    return chunk[-1].pk


@transaction_required
def find_next(*, after_member_id: int, limit: int, at: datetime) -> int | None:
    """Note the pairs that the next members belong to; the last one's id, or None when there are none left."""
    ids = list(Member.objects.filter(pk__gt=after_member_id).order_by("pk").values_list("pk", flat=True)[:limit])
    if not ids:
        return None
    found: _Pairs = defaultdict(set)
    for statement in _SOURCES:
        params = {"after": after_member_id, "last": ids[-1], "most": rules.MOST_ALIKE}
        for first, second, kind in fetch_all(statement, params):
            found[first, second].add(kind)
    _note(_checked(found), at)
    return ids[-1]


@transaction_required
def dismiss(*, duplicate_id: int, operator_id: int, at: datetime) -> None:
    """Say that two are not one person; they are never named again. Raises AlreadyDecided."""
    pair = Duplicate.objects.select_for_update().get(pk=duplicate_id)
    if pair.status != Duplicate.Status.OPEN:
        raise AlreadyDecided()
    pair.status, pair.decided_by_id, pair.decided_at = Duplicate.Status.DISMISSED, operator_id, at
    pair.save(update_fields=["status", "decided_by", "decided_at"])


@transaction_required
def note_merged(*, source_id: int, target_id: int, at: datetime) -> None:
    """Close the pair of two who became one, and what else the duplicate was paired with."""
    pairs = Duplicate.objects.filter(status=Duplicate.Status.OPEN)
    of_source = pairs.filter(first=source_id) | pairs.filter(second=source_id)
    of_source.update(status=Duplicate.Status.MERGED, decided_at=at)


def _texts_of(member: Member) -> Iterable[tuple[str, str]]:
    for text in rules.name_and_birthday(name=member.name, birthday=member.birthday):
        yield _Kind.NAME_BIRTHDAY.value, text
    for text in rules.name_and_phone(name=member.name, phone=member.phone):
        yield _Kind.NAME_PHONE.value, text


def _checked(found: _Pairs) -> _Pairs:
    """Without those of whom one is frozen or gone, or who share a name and have phones more than a slip apart."""
    active = Member.objects.filter(pk__in={pk for pair in found for pk in pair}, status=Member.Status.ACTIVE)
    phones = dict(active.values_list("pk", "phone"))
    for (first, second), kinds in found.items():
        if first not in phones or second not in phones:
            kinds.clear()
        elif _Kind.NAME_PHONE.value in kinds and not rules.is_slip(phones[first], phones[second]):
            kinds.discard(_Kind.NAME_PHONE.value)
    return {pair: kinds for pair, kinds in found.items() if kinds}


def _note(found: _Pairs, at: datetime) -> None:
    known = _known(list(found))
    Duplicate.objects.bulk_create(
        (
            Duplicate(first_id=first, second_id=second, reasons=sorted(kinds), found_at=at)
            for (first, second), kinds in found.items()
            if (first, second) not in known
        ),
        ignore_conflicts=True,
    )
    for pair, row in known.items():
        if row.status == Duplicate.Status.OPEN and set(row.reasons) != found[pair]:
            Duplicate.objects.filter(pk=row.pk).update(reasons=sorted(found[pair]))


def _known(pairs: Sequence[tuple[int, int]]) -> dict[tuple[int, int], Duplicate]:
    rows = Duplicate.objects.filter(first__in=[first for first, _ in pairs])
    wanted = set(pairs)
    return {(row.first_id, row.second_id): row for row in rows if (row.first_id, row.second_id) in wanted}
