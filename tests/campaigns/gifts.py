"""Benefits that give something, promises of them, and what members found of it."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from config.core.time import SHANGHAI
from config.outbox import publishing as outbox
from config.outbox.models import Delivery
from config.outbox.services.deliveries import deliver_all
from members.events import BenefitDue
from members.models import Benefit, Member, Plan, PlanBenefit, Tier
from tests.members.plans.factories import a_plan

NOW = datetime(2026, 11, 18, 12, 0, tzinfo=SHANGHAI)
DAY = timedelta(days=1)


def a_benefit(tier: str, kind: str, points: int | None, *, title: str) -> Benefit:
    """What that tier gives of the kind, instead of what it gave."""
    Benefit.objects.filter(tier__code=tier, kind=kind).delete()
    value = None if points is None else Decimal(points)
    return Benefit.objects.create(tier=Tier.objects.get(code=tier), kind=kind, value=value, title=title)


def a_plan_with_gift(points: int | None = 500, *, gift: str = "welcome_gift", **columns: Any) -> Plan:
    """A plan on sale with a gift."""
    plan = a_plan(**columns)
    PlanBenefit.objects.create(plan=plan, kind=gift, value=points, title="开卡礼")
    return plan


def due(member: Member, **facts: object) -> BenefitDue:
    """A gold member's birthday gift of 200 points."""
    stated: dict[str, object] = {
        "kind": "birthday_gift",
        "origin": "tier",
        "granted_by": "gold",
        "title": "生日礼",
        "period": "2026",
        "points": 200,
        "at": NOW,
        **facts,
    }
    return BenefitDue(member_id=member.pk, **stated)  # type: ignore[arg-type]


def tell(*facts: BenefitDue) -> None:
    """Publish these facts."""
    with transaction.atomic():
        outbox.publish_many(facts)


def heard(at: datetime = NOW + DAY) -> None:
    """Everything that was told has been heard."""
    deliver_all(at=at)
    left = Delivery.objects.filter(state__in=["pending", "dead"]).values_list("handler", "last_error")
    assert list(left) == []
