"""What the room itself tells its members: points that lapse, and how they move on the ladder."""

from datetime import date, datetime
from typing import Final

from config.core.db import transaction_required
from members.models import Member, Tier
from members.rules.statement import days_left, last_day
from members.services.messages import send

# an import brings a past that is no news, and a merge is explained where it was asked for
_NO_NEWS: Final = frozenset({"import", "history", "merge"})


@transaction_required
def tell_lapsing(*, account_id: int, points: int, lapses_at: datetime, at: datetime) -> None:
    """Remind the member of points that lapse then; too late, or nobody's account: nothing."""
    member_id = Member.objects.filter(points_account=account_id).values_list("pk", flat=True).first()
    if member_id is None or lapses_at <= at:
        return
    day, days = last_day(lapses_at), days_left(lapses_at, at=at)
    send(
        member_id=member_id,
        template="points_lapsing",
        context={"points": points, "date": day, "days": days},
        key=f"lapsing:{lapses_at:%Y%m%d%H%M}:{days}:{points}",
        at=at,
    )


@transaction_required
def tell_tier(*, member_id: int, old_code: str, new_code: str, cause: str, at: datetime) -> None:
    """Tell the member of the new tier, up or down."""
    if cause.partition(":")[0] in _NO_NEWS:
        return
    tiers = {tier.code: tier for tier in Tier.objects.filter(code__in=[old_code, new_code])}
    if len(tiers) < 2:  # one of them is gone, and so is the news
        return
    old, new = tiers[old_code], tiers[new_code]
    send(
        member_id=member_id,
        template="tier_up" if new.rank > old.rank else "tier_down",
        context={"tier": new.name, "old_tier": old.name},
        key=f"tier:{new_code}:{at.timestamp():.6f}",
        at=at,
    )


@transaction_required
def tell_tier_at_risk(
    *, member_id: int, tier_name: str, missing_growth: int, day: date, days: int, at: datetime
) -> None:
    """Warn the member that the tier ends on that day unless so much growth comes before."""
    send(
        member_id=member_id,
        template="tier_at_risk",
        context={"tier": tier_name, "growth": missing_growth, "date": day, "days": days},
        key=f"tier-at-risk:{day:%Y%m%d}:{days}",
        at=at,
    )
