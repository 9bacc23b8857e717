"""Telling members of points that were given to them."""

from collections.abc import Collection, Sequence
from typing import Final

from campaigns.models import Campaign
from campaigns.rules.occurrence import Decided
from config.core.db import transaction_required
from members.rules.statement import wording
from members.services.messages import Sending, send_many

# who checks in is looking at what it brings
_SEEN: Final = frozenset({Campaign.Trigger.CHECKED_IN})


@transaction_required
def tell_gained(*, decided: Sequence[Decided], claimed: Collection[tuple[int, str]]) -> None:
    """Tell of what these decisions gave, of those that were booked just now; once per occurrence."""
    new = [
        one
        for one in decided
        if one.decision.points
        and (one.occurrence.member_id, one.occurrence.name) in claimed
        and one.occurrence.trigger not in _SEEN
    ]
    sendings = [
        Sending(
            member_id=one.occurrence.member_id,
            key=f"points:{one.occurrence.name}"[:120],
            context={
                "points": one.decision.points,
                "reason": one.occurrence.title or wording(kind="earn", source=one.occurrence.name).title,
            },
        )
        for one in new
    ]
    if sendings:
        send_many(template="points_gained", sendings=sendings, at=max(one.occurrence.at for one in new))
