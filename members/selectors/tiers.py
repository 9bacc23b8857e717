"""The ladder as plain values."""

from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F
from django.db.models.functions import JSONObject

from config.core.keeping import kept
from members.models import Tier
from members.rules.benefits import Terms
from members.rules.tiers import Rung

_OF_BENEFIT: Final = ("kind", "value", "title", "subtitle", "icon", "config")
_OF_RUNG: Final = ("id", "code", "name", "rank", "threshold", "retention_threshold")


@dataclass(frozen=True, kw_only=True)
class TierRow:
    """One tier with its look and its benefits in order."""

    rung: Rung
    color: str
    art: str
    benefits: tuple[Terms, ...]


def ladder() -> list[Rung]:
    """All rungs, lowest first. One query."""
    rows = Tier.objects.order_by("rank").values(*_OF_RUNG)
    return [Rung(**row) for row in rows]


def tiers_in_rows() -> ArraySubquery:
    """For a query of something else: code and name of every tier, in each row."""
    return ArraySubquery(Tier.objects.order_by("rank").values(tier=JSONObject(code="code", name="name")))


def tiers() -> list[TierRow]:
    """All tiers with their benefits, lowest first, to be shown; kept for settings.SHELF_SECONDS. One query."""
    return kept("tiers", seconds=settings.SHELF_SECONDS, load=fresh_tiers)


def fresh_tiers() -> list[TierRow]:
    """The same, asked anew. One query."""
    rows = (
        Tier.objects.order_by("rank", "benefits__position", "benefits__pk")
        .annotate(**{name: F(f"benefits__{name}") for name in _OF_BENEFIT}, benefit=F("benefits__pk"))
        .values(*_OF_RUNG, "color", "art", "benefit", *_OF_BENEFIT)
    )
    return [_tier(list(group)) for _, group in groupby(rows, key=itemgetter("id"))]


def _tier(rows: list[dict[str, Any]]) -> TierRow:
    """One tier of its joined rows: one for each benefit, or a single one without."""
    first = rows[0]
    return TierRow(
        rung=Rung(**{name: first[name] for name in _OF_RUNG}),
        color=first["color"],
        art=first["art"],
        benefits=tuple(
            Terms(**{name: row[name] for name in _OF_BENEFIT}) for row in rows if row["benefit"] is not None
        ),
    )
