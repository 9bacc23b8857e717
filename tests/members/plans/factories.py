"""Plans as a merchant sets them up."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from members.models import Plan, PlanBenefit
from members.services import subscriptions
from members.services.subscriptions import Added
from tests.members.factories import AT


def a_plan(code: str = "year", *, kind: str = "year", price_cents: int = 9900, **columns: Any) -> Plan:
    """A plan on sale whose benefits are 9 折, twice the points and free shipping."""
    name = columns.pop("name", {"month": "月度会员", "quarter": "季度会员", "year": "年度会员"}.get(kind, "终身会员"))
    plan = Plan.objects.create(code=code, name=name, kind=kind, price_cents=price_cents, is_active=True, **columns)
    values = {"discount": Decimal("0.9"), "points_multiplier": Decimal(2), "free_shipping": None}
    for position, (benefit, value) in enumerate(values.items()):
        PlanBenefit.objects.create(plan=plan, kind=benefit, value=value, title=benefit, position=position)
    return plan


def buy(plan: Plan, *, member_id: int, order: int, at: datetime = AT, **facts: Any) -> Added:
    """Paid time as the mall's payment adds it."""
    facts.setdefault("paid_cents", plan.price_cents)
    with transaction.atomic():
        return subscriptions.activate(
            member_id=member_id, plan_id=plan.pk, order_ref=f"order:{order}", key=f"order:{order}:plan", at=at, **facts
        )
