"""What the rooms above need to know about a member to price, earn and reward."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from config.core.errors import NotFound
from members.models import Benefit, Member


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


@dataclass(frozen=True, kw_only=True)
class _Effects:
    points_multiplier: Decimal = Decimal(1)
    discount: Decimal = Decimal(1)
    has_free_shipping: bool = False


def standing(*, member_id: int) -> Standing:
    """The standing of one member. Two queries. Raises NotFound."""
    found = standings(member_ids=[member_id])
    if member_id not in found:
        raise NotFound()
    return found[member_id]


def standings(*, member_ids: Sequence[int]) -> dict[int, Standing]:
    """Standings by member id. Two queries, however many members; unknown ids are left out."""
    effects = _effects_by_tier()
    return {
        member.pk: Standing(
            member_id=member.pk,
            number=member.number,
            nickname=member.nickname,
            status=member.status,
            tier_code=member.tier.code,
            tier_name=member.tier.name,
            tier_rank=member.tier.rank,
            points_account=member.points_account_id,
            growth_account=member.growth_account_id,
            points_multiplier=effects.get(member.tier_id, _Effects()).points_multiplier,
            discount=effects.get(member.tier_id, _Effects()).discount,
            has_free_shipping=effects.get(member.tier_id, _Effects()).has_free_shipping,
        )
        for member in _rows(member_ids)
    }


def _rows(member_ids: Sequence[int]) -> Iterable[Member]:
    needed = ("number", "nickname", "status", "tier__code", "tier__name", "tier__rank")
    accounts = ("points_account_id", "growth_account_id")
    return Member.objects.filter(pk__in=member_ids).select_related("tier").only(*needed, *accounts)


def _effects_by_tier() -> dict[int, _Effects]:
    kinds = (Benefit.Kind.POINTS_MULTIPLIER, Benefit.Kind.DISCOUNT, Benefit.Kind.FREE_SHIPPING)
    by_tier: dict[int, dict[str, Decimal | None]] = {}
    for tier_id, kind, value in Benefit.objects.filter(kind__in=kinds).values_list("tier_id", "kind", "value"):
        by_tier.setdefault(tier_id, {})[kind] = value
    return {tier_id: _read(values) for tier_id, values in by_tier.items()}


def _read(values: dict[str, Decimal | None]) -> _Effects:
    return _Effects(
        points_multiplier=values.get(Benefit.Kind.POINTS_MULTIPLIER) or Decimal(1),
        discount=values.get(Benefit.Kind.DISCOUNT) or Decimal(1),
        has_free_shipping=Benefit.Kind.FREE_SHIPPING in values,
    )
