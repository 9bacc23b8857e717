"""What members get for coming into a segment: at most once a month each, so that going in and out earns nothing."""

from collections.abc import Sequence
from datetime import datetime

from campaigns.models import Campaign
from campaigns.rules.context import Context
from campaigns.rules.definitions import SegmentIn
from campaigns.rules.occurrence import Occurrence
from campaigns.selectors.live import history
from campaigns.services.bulk import grant_many
from config.core.db import transaction_required
from config.core.time import local_date
from members.models import Member
from members.selectors.standing import Standing, standings


@transaction_required
def give_for_entering(*, segment_id: int, member_ids: Sequence[int], at: datetime) -> int:
    """Give to those who came in, by the campaigns that name this segment; how many got a receipt."""
    versions = history(triggers=[Campaign.Trigger.SEGMENT_ENTERED])
    if not any(_names(span.campaign.definition.conditions, segment_id) for span in versions.spans):
        return 0
    active = Member.objects.filter(pk__in=member_ids, status=Member.Status.ACTIVE).order_by("pk")
    known = standings(member_ids=list(active.values_list("pk", flat=True)))
    occurrences = [_occurrence(one, segment_id=segment_id, at=at) for one in known.values()]
    return grant_many(occurrences=occurrences, versions=versions, cause=f"segment:{segment_id}", is_news=True).receipts


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
    name = f"segment:{segment_id}:{known.member_id}:{local_date(at):%Y-%m}"
    trigger = Campaign.Trigger.SEGMENT_ENTERED
    return Occurrence(member_id=known.member_id, trigger=trigger, name=name, context=context, at=at)
