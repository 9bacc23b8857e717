"""The ladder as plain values."""

from dataclasses import dataclass
from decimal import Decimal

from members.models import Benefit, Tier
from members.rules.tiers import Rung


@dataclass(frozen=True, kw_only=True)
class BenefitRow:
    """One benefit as members read it."""

    kind: str
    value: Decimal | None
    title: str
    subtitle: str
    icon: str


@dataclass(frozen=True, kw_only=True)
class TierRow:
    """One tier with its look and its benefits in order."""

    rung: Rung
    color: str
    art: str
    benefits: tuple[BenefitRow, ...]


def ladder() -> list[Rung]:
    """All rungs, lowest first. One query."""
    rows = Tier.objects.order_by("rank").values("id", "code", "name", "rank", "threshold")
    return [Rung(**row) for row in rows]


def tiers() -> list[TierRow]:
    """All tiers with their benefits, lowest first. Two queries."""
    by_tier: dict[int, list[BenefitRow]] = {}
    for row in Benefit.objects.order_by("position", "pk"):
        benefit = BenefitRow(kind=row.kind, value=row.value, title=row.title, subtitle=row.subtitle, icon=row.icon)
        by_tier.setdefault(row.tier_id, []).append(benefit)
    return [
        TierRow(
            rung=Rung(id=tier.pk, code=tier.code, name=tier.name, rank=tier.rank, threshold=tier.threshold),
            color=tier.color,
            art=tier.art,
            benefits=tuple(by_tier.get(tier.pk, ())),
        )
        for tier in Tier.objects.order_by("rank")
    ]
