"""What the rooms above need to know about a member to price, earn and reward."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, Count, Expression, F, IntegerField, OuterRef, Subquery, Value
from django.db.models.functions import Cast, Coalesce, JSONObject

from config.core import policies
from config.core.errors import NotFound
from members.models import Benefit, BenefitUse, Member
from members.rules.benefits import Effects, Kind, Terms, combine
from members.rules.periods import month_name
from members.selectors.plan_benefits import (
    plan_benefits_in_rows,
    plan_benefits_of,
    plan_name_of,
    plans_in_rows,
)
from members.selectors.sessions import SignedIn
from members.selectors.tiers import tiers

TERMS_IN_JSON = JSONObject(
    kind="kind",
    value=Cast("value", CharField()),  # a number in JSON would come back as a float
    title="title",
    subtitle="subtitle",
    icon="icon",
    config="config",
)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A member's tier, what the benefits of tier and plan amount to, and the two ledger accounts."""

    member_id: int
    number: str
    nickname: str
    status: str
    tier_code: str
    tier_name: str
    tier_rank: int
    effects: Effects
    tier_effects: Effects  # what the tier alone would give
    plan_id: int | None = None  # the paid membership that runs
    plan_name: str = ""
    free_shipping_used: int = 0
    points_account: int
    growth_account: int

    def given_by(self, kind: str) -> str:
        """Whose benefit of that kind counts: the name of the plan or of the tier."""
        from_plan = any(one.kind == kind and one.origin == "plan" for one in self.effects.terms)
        return self.plan_name if from_plan and self.plan_name else self.tier_name

    @property
    def points_multiplier(self) -> Decimal:
        """What points of an order are multiplied by."""
        return self.effects.points_multiplier

    @property
    def discount(self) -> Decimal:
        """What goods cost this member, as a share of their price."""
        return self.effects.discount

    @property
    def free_shipping_left(self) -> int | None:
        """How many orders may still ship free this month; None: all of them."""
        return self.effects.left(kind=Kind.FREE_SHIPPING, used=self.free_shipping_used)

    @property
    def has_free_shipping(self) -> bool:
        """Whether the next order may ship free by a benefit."""
        return self.free_shipping_left != 0


def standing(*, member_id: int, at: datetime | None = None) -> Standing:
    """The standing of one member. One query. Raises NotFound. See `standings` for `at`."""
    found = standings(member_ids=[member_id], at=at)
    if member_id not in found:
        raise NotFound()
    return found[member_id]


def standings(*, member_ids: Sequence[int], at: datetime | None = None) -> dict[int, Standing]:
    """Standings by member id. One query, however many members; unknown ids are left out.

    With `at`, what was used of the month's free shipping is counted; without, it is taken as unused.
    """
    rows = Member.objects.filter(pk__in=member_ids).values(
        *("id", "number", "nickname", "status", "points_account_id", "growth_account_id"),
        tier_code=F("tier__code"),
        tier_name=F("tier__name"),
        tier_rank=F("tier__rank"),
        of_tier=ArraySubquery(
            Benefit.objects.filter(tier=OuterRef("tier")).order_by("position", "pk").values(terms=TERMS_IN_JSON)
        ),
        of_plan=plan_benefits_in_rows(at=at),
        plans=plans_in_rows(at=at),
        free_shipping_used=_used(Kind.FREE_SHIPPING, at=at),
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
        effects=combined([*tier.benefits, *plan_benefits_of(member=member)]),
        tier_effects=combined(tier.benefits),
        plan_id=member.plan_id,
        plan_name=plan_name_of(member=member),
        points_account=member.points_account,
        growth_account=member.growth_account,
    )


def combined(terms: Sequence[Terms]) -> Effects:
    """What these benefits amount to by the shop's policy."""
    return combine(terms, multiply=policies.current().benefits_multiply)


def terms_in(rows: Sequence[dict[str, Any]], *, origin: str) -> list[Terms]:
    """Benefits of rows that `TERMS_IN_JSON` made."""
    return [
        Terms(**{**row, "value": None if row["value"] is None else Decimal(row["value"])}, origin=origin)
        for row in rows
    ]


def _standing(
    *,
    id: int,
    points_account_id: int,
    growth_account_id: int,
    of_tier: list[dict[str, Any]],
    of_plan: list[dict[str, Any]],
    plans: list[dict[str, Any]],
    **known: Any,
) -> Standing:
    by_tier = terms_in(of_tier, origin="tier")
    return Standing(
        member_id=id,
        points_account=points_account_id,
        growth_account=growth_account_id,
        effects=combined([*by_tier, *terms_in(of_plan, origin="plan")]),
        tier_effects=combined(by_tier),
        plan_id=plans[0]["id"] if plans else None,
        plan_name=plans[0]["name"] if plans else "",
        **known,
    )


def _used(kind: Kind, *, at: datetime | None) -> Expression:
    """How often the benefit was used in the month of `at`."""
    if at is None:
        return Value(0, output_field=IntegerField())
    uses = BenefitUse.objects.filter(member=OuterRef("pk"), kind=kind, period=month_name(at=at)).order_by()
    return Coalesce(Subquery(uses.values("member").annotate(n=Count("pk")).values("n")), 0)
