"""What the rooms above need to know about a member to price, earn and reward."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, Exists, F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from config.core.errors import NotFound
from members.models import Benefit, Member
from members.selectors.sessions import SignedIn
from members.selectors.tiers import TierRow, tiers


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A member's tier with the benefits that count in sums, and the two ledger accounts."""

    member_id: int
    number: str
    nickname: str
    status: str
    tier_code: str
    tier_name: str
    tier_rank: int
    points_multiplier: Decimal
    discount: Decimal
    has_free_shipping: bool
    points_account: int
    growth_account: int


def standing(*, member_id: int) -> Standing:
    """The standing of one member. One query. Raises NotFound."""
    found = standings(member_ids=[member_id])
    if member_id not in found:
        raise NotFound()
    return found[member_id]


def standings(*, member_ids: Sequence[int]) -> dict[int, Standing]:
    """Standings by member id. One query, however many members; unknown ids are left out."""
    rows = Member.objects.filter(pk__in=member_ids).values(
        *("id", "number", "nickname", "status", "points_account_id", "growth_account_id"),
        tier_code=F("tier__code"),
        tier_name=F("tier__name"),
        tier_rank=F("tier__rank"),
        points_multiplier=_value_of(Benefit.Kind.POINTS_MULTIPLIER),
        discount=_value_of(Benefit.Kind.DISCOUNT),
        has_free_shipping=Exists(_benefits(Benefit.Kind.FREE_SHIPPING)),
    )
    return {row["id"]: _standing(**row) for row in rows}


def standing_on_pages(*, member: SignedIn) -> Standing:
    """The standing of who is signed in, to be shown: what its tier gives is up to settings.SHELF_SECONDS old."""
    tier = next((row for row in tiers() if row.rung.id == member.tier_id), None)
    if tier is None:  # newer than what is kept
        return standing(member_id=member.member_id)
    return Standing(
        member_id=member.member_id,
        number=member.number,
        nickname=member.nickname,
        status=member.status,
        tier_code=tier.rung.code,
        tier_name=tier.rung.name,
        tier_rank=tier.rung.rank,
        points_multiplier=_worth(tier, Benefit.Kind.POINTS_MULTIPLIER),
        discount=_worth(tier, Benefit.Kind.DISCOUNT),
        has_free_shipping=any(benefit.kind == Benefit.Kind.FREE_SHIPPING for benefit in tier.benefits),
        points_account=member.points_account,
        growth_account=member.growth_account,
    )


def _worth(tier: TierRow, kind: Benefit.Kind) -> Decimal:
    """What the tier's benefit of that kind multiplies by; 1 without one."""
    value = next((benefit.value for benefit in tier.benefits if benefit.kind == kind), None)
    return Decimal(1) if value is None else value


def _standing(*, id: int, points_account_id: int, growth_account_id: int, **known: Any) -> Standing:
    return Standing(member_id=id, points_account=points_account_id, growth_account=growth_account_id, **known)


def _value_of(kind: Benefit.Kind) -> Coalesce:
    """What the benefit of the member's tier multiplies by; 1 without one."""
    value = Subquery(_benefits(kind).values("value")[:1])
    return Coalesce(value, Value(Decimal(1)), output_field=DecimalField())


def _benefits(kind: Benefit.Kind) -> QuerySet[Benefit]:
    return Benefit.objects.filter(tier=OuterRef("tier"), kind=kind)
