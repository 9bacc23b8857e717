"""Where benefits of paid membership join those of the tier: `members.selectors.standing` reads both in one query."""

from datetime import datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, OuterRef, QuerySet
from django.db.models.functions import Cast, JSONObject
from django.utils import timezone

from members.models import PlanBenefit, Subscription
from members.rules.benefits import Terms
from members.selectors.plans import live_at, plans
from members.selectors.sessions import SignedIn

_TERMS_IN_JSON = JSONObject(
    kind="kind",
    value=Cast("value", CharField()),  # a number in JSON would come back as a float
    title="title",
    subtitle="subtitle",
    icon="icon",
    config="config",
)


def plan_benefits_in_rows(*, at: datetime | None) -> ArraySubquery:
    """For a query of members: what the active subscription of each grants, as JSON rows {kind, value, title, subtitle,
    icon, config}; `at` None: as of now."""
    running = _running(at, member=OuterRef(OuterRef("pk"))).values("plan")
    benefits = PlanBenefit.objects.filter(plan__in=running).order_by("position", "pk")
    return ArraySubquery(benefits.values(terms=_TERMS_IN_JSON))


def plans_in_rows(*, at: datetime | None) -> ArraySubquery:
    """For a query of members: the plans that run, none or one, as JSON rows {id, name}."""
    return ArraySubquery(
        _running(at, member=OuterRef("pk")).values(plan_row=JSONObject(id="plan_id", name="plan__name"))
    )


def plan_benefits_of(*, member: SignedIn) -> tuple[Terms, ...]:
    """What the plan of who is signed in grants, to be shown: up to settings.SHELF_SECONDS old. No query when kept."""
    plan = next((row for row in plans() if row.id == member.plan_id), None) if member.plan_id else None
    return () if plan is None else plan.benefits


def plan_name_of(*, member: SignedIn) -> str:
    """The name of that plan; empty for who has none. No query when kept."""
    return next((row.name for row in plans() if row.id == member.plan_id), "") if member.plan_id else ""


def _running(at: datetime | None, *, member: OuterRef) -> QuerySet[Subscription]:
    return Subscription.objects.filter(live_at(at=at or timezone.now()), member=member)
