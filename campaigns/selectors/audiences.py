"""Which segments the members of some occurrences were in.

Membership is what the last refresh wrote (hourly, or after an upload): a member who qualifies since then is not in yet,
one who came in after the occurrence does not count, and one who has left since does not either.
"""

from collections.abc import Collection, Sequence

from campaigns.rules.context import LiveCampaign
from campaigns.rules.definitions import SegmentIn
from campaigns.rules.occurrence import Occurrence
from members.selectors.segments import entered_segments


def segments_at(occurrences: Sequence[Occurrence], *, campaigns: Collection[LiveCampaign]) -> list[frozenset[int]]:
    """For each occurrence the segments that its member was in by then, of those that the campaigns ask for.

    An occurrence that says which, like coming into one, keeps what it says. One query; none when no campaign asks.
    """
    conditions = [condition for campaign in campaigns for condition in campaign.definition.conditions]
    asked = {pk for condition in conditions if isinstance(condition, SegmentIn) for pk in condition.segments}
    if not asked:
        return [frozenset()] * len(occurrences)
    entered = entered_segments(member_ids={one.member_id for one in occurrences}, segment_ids=asked)
    return [
        one.context.segments
        or frozenset(pk for pk, since in entered.get(one.member_id, {}).items() if since <= one.context.at)
        for one in occurrences
    ]
