"""What an order will be judged by when points are given: fixed at the moment of payment."""

from datetime import datetime
from typing import Any

from members.selectors.standing import Standing


def judged_as(*, standing: Standing | None, channel: str, paid_at: datetime) -> dict[str, Any]:
    """Plain JSON for `Order.judged_as`; a walk-in has no tier and a multiplier of 1."""
    return {
        "tier_code": standing.tier_code if standing else None,
        "tier_name": standing.tier_name if standing else "",
        "points_multiplier": str(standing.points_multiplier) if standing else "1",
        "channel": str(channel),
        "paid_at": paid_at.isoformat(),
    }
