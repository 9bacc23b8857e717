"""Plans as they are sold, what paid time a member has, and what it has saved them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.conf import settings
from django.db.models import Exists, F, Q, QuerySet, Sum

from config.core.keeping import kept
from members.models import Identity, Member, MembershipSaving, Plan, PlanBenefit, Subscription, Tombstone
from members.rules import plans as rules
from members.rules.benefits import Gives, Terms, gift_points, giving
from members.rules.plans import Length, RefundTerms, Stretch

TRIAL_STONE: Final = "trial"  # the mark of a closed account whose owner had a trial
_WELCOMING: Final = frozenset(giving(Gives.WELCOME))
_OF_BENEFIT: Final = ("kind", "value", "title", "subtitle", "icon", "config")


@dataclass(frozen=True, kw_only=True)
class PlanRow:
    """One plan with its benefits in order."""

    id: int
    code: str
    name: str
    kind: str
    price_cents: int
    list_price_cents: int | None
    trial_days: int
    welcome_words: str
    refund: RefundTerms
    color: str
    is_active: bool
    benefits: tuple[Terms, ...]

    @property
    def months(self) -> int:
        """How many calendar months it lasts; 0: for life."""
        return rules.length_of(self.kind).months

    @property
    def refund_terms(self) -> str:
        """What a purchase sends back to say which rule the member read."""
        return self.refund.token

    @property
    def refund_words(self) -> str:
        """The rule by which fee and welcome gift go back, as the member reads it before buying."""
        points = sum(gift_points(kind=one.kind, value=one.value) for one in self.benefits if one.kind in _WELCOMING)
        return rules.refund_words(self.refund) + (rules.gift_words(self.refund) if points else "")


@dataclass(frozen=True, kw_only=True)
class Membership:
    """A member's paid time: the plan that runs now (None: none does), how long it goes on, and what it saved."""

    plan: PlanRow | None
    source: str
    starts_at: datetime | None
    ends_at: datetime | None  # of all that was bought, renewals included; None also: for life
    is_for_life: bool
    has_had_trial: bool
    saved_cents: int
    credit_cents: int


class BoughtTime(NamedTuple):
    """What one fee pays for: the plan, from when to when (None: for life)."""

    plan_id: int
    starts_at: datetime
    ends_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class SavingRow:
    """What membership saved on one order, net of what refunds took back."""

    order_number: str
    kind: str
    title: str
    cents: int
    at: datetime


@dataclass(frozen=True, kw_only=True)
class SavingPage:
    """Savings, newest first; `next_before` continues the list, None ends it."""

    rows: tuple[SavingRow, ...]
    next_before: int | None


def plans() -> list[PlanRow]:
    """All plans with their benefits, in the merchant's order, to be shown; kept for settings.SHELF_SECONDS."""
    return kept("plans", seconds=settings.SHELF_SECONDS, load=load_plans)


def load_plans() -> list[PlanRow]:
    """All plans with their benefits, as they are now. Two queries."""
    benefits: dict[int, list[Terms]] = {}
    for row in PlanBenefit.objects.order_by("position", "pk").values("plan_id", *_OF_BENEFIT):
        benefits.setdefault(row.pop("plan_id"), []).append(Terms(**row, origin="plan"))
    return [_plan_row(plan, benefits.get(plan.pk, [])) for plan in Plan.objects.order_by("position", "pk")]


def live_at(*, at: datetime) -> Q:
    """The stretches of paid time that run at that moment; at most one of a member."""
    return Q(state=Subscription.State.LIVE, starts_at__lte=at) & (Q(ends_at=None) | Q(ends_at__gt=at))


def paid_time(*, member_id: int, at: datetime) -> list[Stretch]:
    """What of a member's paid time is not over yet, in order. One query."""
    return [_stretch(row) for row in _unfinished(member_id, at)]


def keeps_plan(*, member_id: int, plan_id: int, without: int) -> bool:
    """Whether the member has, beside that stretch, time of the plan that was not given back, over or to come; a trial
    is none. What a duplicate had that was merged into them counts. One query."""
    own = Subscription.objects.filter(Q(member=member_id) | Q(member__merged_into=member_id), plan=plan_id)
    kept = own.exclude(pk=without).exclude(state=Subscription.State.REFUNDED)
    return kept.exclude(source=Subscription.Source.TRIAL).exists()


def had_plan(*, member_id: int, plan_id: int, at: datetime, beside: str = "") -> bool:
    """Whether the member has time of the plan that was not over at that moment and was not given back since, to come or
    of a trial included, beside what the order named `beside` bought. One query."""
    own = Subscription.objects.filter(Q(member=member_id) | Q(member__merged_into=member_id), plan=plan_id)
    if beside:
        own = own.exclude(order_ref=beside)
    replaced = Q(state=Subscription.State.UPGRADED, closed_at__lte=at)
    unfinished = own.exclude(state=Subscription.State.REFUNDED).exclude(replaced)
    return unfinished.filter(Q(ends_at=None) | Q(ends_at__gt=at)).exists()


def has_had_trial(*, member_id: int) -> bool:
    """Whether the person has: as this member, as a duplicate that was merged into them, or by an account that they
    closed and of which they have the phone or the WeChat. One query."""
    person = Member.objects.filter(Q(pk=member_id) | Q(merged_into=member_id))
    tries = Subscription.objects.filter(member__in=person, source=Subscription.Source.TRIAL)
    ways_in = Q(index__in=person.exclude(phone_index=None).values("phone_index"))
    own = Identity.objects.filter(member=member_id)
    ways_in |= Q(index__in=own.values("openid_index"))
    ways_in |= Q(index__in=own.exclude(unionid_index="").values("unionid_index"))
    stones = Tombstone.objects.filter(ways_in, purpose=TRIAL_STONE)
    return Member.objects.filter(Exists(tries) | Exists(stones), pk=member_id).exists()


def bought_time(*, order_ref: str) -> BoughtTime | None:
    """Which plan's time this order bought, from when to when; None: it bought none. One query."""
    rows = Subscription.objects.filter(order_ref=order_ref)
    found = rows.values_list("plan_id", "starts_at", "ends_at").first()
    return None if found is None else BoughtTime(*found)


def saved_in(*, member_id: int, time: BoughtTime) -> int:
    """What that plan saved the member on completed orders that were placed in that time, net of refunds. One query."""
    rows = MembershipSaving.objects.filter(Q(plan=time.plan_id) | Q(plan=None), member=member_id)
    rows = rows.filter(placed_at__gte=time.starts_at)
    if time.ends_at is not None:
        rows = rows.filter(placed_at__lt=time.ends_at)
    return rows.aggregate(cents=Sum(F("cents") - F("reversed_cents")))["cents"] or 0


def membership(*, member_id: int, at: datetime) -> Membership:
    """The member's paid time as their card shows it. Three queries, when the plans are kept."""
    rows = list(_unfinished(member_id, at))
    stretches = [_stretch(row) for row in rows]
    now = next((row for row, one in zip(rows, stretches, strict=True) if one.covers(at)), None)
    shown = {plan.id: plan for plan in plans()}
    saved = MembershipSaving.objects.filter(member=member_id).aggregate(cents=Sum(F("cents") - F("reversed_cents")))
    return Membership(
        plan=None if now is None else shown.get(now.plan_id),
        source="" if now is None else now.source,
        starts_at=None if now is None else now.starts_at,
        ends_at=rows[-1].ends_at if rows else None,
        is_for_life=any(row.ends_at is None for row in rows),
        has_had_trial=has_had_trial(member_id=member_id),
        saved_cents=saved["cents"] or 0,
        credit_cents=rules.upgrade_credit(stretches=stretches, at=at),
    )


def savings(*, member_id: int, before: int | None = None, limit: int = 20) -> SavingPage:
    """What membership saved, order by order, newest first. One query."""
    rows = MembershipSaving.objects.filter(member=member_id, reversed_cents__lt=F("cents"))
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found: Sequence[MembershipSaving] = list(rows.order_by("-pk")[: limit + 1])
    return SavingPage(
        rows=tuple(_saving(row) for row in found[:limit]),
        next_before=found[limit - 1].pk if len(found) > limit else None,
    )


def _unfinished(member_id: int, at: datetime) -> QuerySet[Subscription]:
    live = Subscription.objects.filter(member=member_id, state=Subscription.State.LIVE)
    return live.filter(Q(ends_at=None) | Q(ends_at__gt=at)).order_by("starts_at", "pk")


def _stretch(row: Subscription) -> Stretch:
    return Stretch(
        id=row.pk,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        length=Length(months=row.months, days=row.days),
        anchor_day=row.anchor_day,
        worth_cents=row.worth_cents,
    )


def _plan_row(plan: Plan, benefits: list[Terms]) -> PlanRow:
    own: dict[str, Any] = {
        name: getattr(plan, name)
        for name in ("id", "code", "name", "kind", "price_cents", "list_price_cents", "trial_days", "welcome_words")
    }
    return PlanRow(
        **own,
        refund=RefundTerms(plan.refund_rule, plan.refund_days),
        color=plan.color,
        is_active=plan.is_active,
        benefits=tuple(benefits),
    )


def _saving(row: MembershipSaving) -> SavingRow:
    return SavingRow(
        order_number=row.order_number,
        kind=row.kind,
        title=row.get_kind_display(),
        cents=row.cents - row.reversed_cents,
        at=row.at,
    )
