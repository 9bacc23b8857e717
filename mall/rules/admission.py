"""Who may buy a product, and from when: goods for some members alone, and members who may buy before others."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, kw_only=True)
class Admission:
    """What a product asks of its buyers.

    An exclusive one lets in that tier and those above, and who has that plan; one that names neither lets in whoever
    has the benefit of exclusive products. `on_sale_from` None: it can be bought at any time.
    """

    is_exclusive: bool = False
    tier_rank: int | None = None
    tier_name: str = ""
    plan_id: int | None = None
    plan_name: str = ""
    on_sale_from: datetime | None = None

    @property
    def is_free(self) -> bool:
        """Whether anybody may buy at any time."""
        return not self.is_exclusive and self.on_sale_from is None

    @property
    def for_whom(self) -> str:
        """Who may buy, in plain words; empty: everybody."""
        if not self.is_exclusive:
            return ""
        named = [f"{self.tier_name}及以上"] if self.tier_rank is not None else []
        named += [self._holders] if self.plan_id is not None else []
        return "、".join(named) or "权益会员"

    @property
    def _holders(self) -> str:
        return self.plan_name if self.plan_name.endswith("会员") else f"{self.plan_name}会员"


@dataclass(frozen=True, kw_only=True)
class Entrant:
    """What of a buyer decides; a visitor has none of it."""

    tier_rank: int = 0
    plan_id: int | None = None
    has_exclusive_products: bool = False
    early_hours: int = 0


@dataclass(frozen=True, kw_only=True)
class Access:
    """What a product says to one viewer at one moment.

    `on_sale_from` is when it opens to all, `opens_at` when it opens to this viewer; None once that is past.
    """

    for_whom: str = ""
    is_for_viewer: bool = True
    by_tier: bool = False  # a higher tier, or the benefit that a tier can have, would let the viewer in
    by_plan: bool = False
    on_sale_from: datetime | None = None
    opens_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether this viewer may buy now."""
        return self.is_for_viewer and self.opens_at is None

    @property
    def is_early(self) -> bool:
        """Whether this viewer may buy already while others wait."""
        return self.is_open and self.on_sale_from is not None


def access(*, admission: Admission, entrant: Entrant, at: datetime) -> Access:
    """What the product says to that viewer at `at`."""
    if admission.is_free:
        return Access()
    opens = admission.on_sale_from
    own = opens - timedelta(hours=entrant.early_hours) if opens is not None else None
    return Access(
        for_whom=admission.for_whom,
        is_for_viewer=_lets_in(admission, entrant),
        by_tier=admission.is_exclusive and (admission.tier_rank is not None or admission.plan_id is None),
        by_plan=admission.plan_id is not None,
        on_sale_from=opens if opens is not None and at < opens else None,
        opens_at=own if own is not None and at < own else None,
    )


def _lets_in(admission: Admission, entrant: Entrant) -> bool:
    if not admission.is_exclusive:
        return True
    if admission.tier_rank is None and admission.plan_id is None:
        return entrant.has_exclusive_products
    by_tier = admission.tier_rank is not None and entrant.tier_rank >= admission.tier_rank
    return by_tier or (admission.plan_id is not None and entrant.plan_id == admission.plan_id)
