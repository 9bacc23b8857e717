"""Writing which campaign gave what part, for a whole batch in one statement."""

from collections.abc import Mapping, Sequence

from campaigns.rules.occurrence import Decided
from config.core.db import fetch_all, transaction_required

# ORM instances would cost as much as everything else about a large batch.
_WRITE = """
INSERT INTO campaigns_grant (campaign_id, version_id, member_id, occurrence, receipt_id, points, growth, created_at)
SELECT part.* FROM unnest(
    %(campaigns)s::bigint[], %(versions)s::bigint[], %(members)s::bigint[], %(occurrences)s::text[],
    %(receipts)s::bigint[], %(points)s::bigint[], %(growth)s::bigint[], %(created_at)s::timestamptz[]) AS part
RETURNING id
"""


@transaction_required
def write(*, given: Sequence[Decided], receipts: Mapping[tuple[int, str], int]) -> int:
    """Write one grant per campaign and occurrence; how many. `receipts` maps (member, occurrence) to receipt ids."""
    parts = [(one.occurrence, part) for one in given for part in one.decision.parts]
    written = fetch_all(
        _WRITE,
        {
            "campaigns": [part.campaign_id for _, part in parts],
            "versions": [part.version_id for _, part in parts],
            "members": [occurrence.member_id for occurrence, _ in parts],
            "occurrences": [occurrence.name for occurrence, _ in parts],
            "receipts": [receipts[occurrence.member_id, occurrence.name] for occurrence, _ in parts],
            "points": [part.points for _, part in parts],
            "growth": [part.growth for _, part in parts],
            "created_at": [occurrence.at for occurrence, _ in parts],
        },
    )
    return len(written)
