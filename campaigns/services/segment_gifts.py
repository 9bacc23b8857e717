"""What members get for coming into a segment: at most once a month each, so that going in and out earns nothing."""

from collections.abc import Collection, Sequence
from datetime import datetime

from campaigns.models import Campaign, Receipt
from campaigns.rules.context import Context
from campaigns.rules.definitions import SegmentIn
from campaigns.rules.occurrence import Occurrence
from campaigns.selectors.live import history
from campaigns.services.bulk import grant_many
from config.core.db import transaction_required
from config.core.time import local_date
from members.models import Member
from members.selectors.merging import current_member_ids
from members.selectors.standing import Standing, standings


@transaction_required
def give_for_entering(*, segment_id: int, member_ids: Sequence[int], at: datetime) -> int:
    """Give to those who came in, by the campaigns that name this segment; how many got a receipt.

    Who came in as a duplicate that was merged since is given as the member they are now, and nobody under two numbers.
    """
    versions = history(triggers=[Campaign.Trigger.SEGMENT_ENTERED])
    if not any(_names(span.campaign.definition.conditions, segment_id) for span in versions.spans):
        return 0
    now = set(current_member_ids(member_ids=member_ids).values())
    now -= _given_as_duplicates(now, segment_id=segment_id, at=at)
    active = Member.objects.filter(pk__in=now, status=Member.Status.ACTIVE).order_by("pk")
    known = standings(member_ids=list(active.values_list("pk", flat=True)))
    occurrences = [_occurrence(one, segment_id=segment_id, at=at) for one in known.values()]
    return grant_many(occurrences=occurrences, versions=versions, cause=f"segment:{segment_id}", is_news=True).receipts


def _given_as_duplicates(member_ids: Collection[int], *, segment_id: int, at: datetime) -> set[int]:
    """Those of the members who were given this month under a number that was merged into theirs. Two queries."""
    merged = Member.objects.filter(merged_into__in=member_ids).values_list("pk", "merged_into_id")
    kept = {_name(segment_id, pk, at): (pk, into) for pk, into in merged if into is not None}
    ids = {pk for pair in kept.values() for pk in pair}
    receipts = Receipt.objects.filter(member_id__in=ids, occurrence__in=kept)
    return {kept[name][1] for name in receipts.values_list("occurrence", flat=True)} if kept else set()


def _name(segment_id: int, member_id: int, at: datetime) -> str:
    return f"segment:{segment_id}:{member_id}:{local_date(at):%Y-%m}"


def _names(conditions: Sequence[object], segment_id: int) -> bool:
    return any(isinstance(one, SegmentIn) and segment_id in one.segments for one in conditions)


def _occurrence(known: Standing, *, segment_id: int, at: datetime) -> Occurrence:
    context = Context(
        at=at,
        tier_code=known.tier_code,
        tier_name=known.tier_name,
        points_multiplier=known.points_multiplier,
        segments=frozenset({segment_id}),
    )
    name = _name(segment_id, known.member_id, at)
    trigger = Campaign.Trigger.SEGMENT_ENTERED
    return Occurrence(member_id=known.member_id, trigger=trigger, name=name, context=context, at=at)
