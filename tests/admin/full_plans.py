"""A plan that the gold member has bought, and a batch of gift cards."""

from datetime import datetime

from django.db import transaction

from campaigns.rules.gifts import Promise
from campaigns.services.benefit_gifts import give_promised
from members.models import GiftCardBatch, Member, User
from members.services import gift_cards
from tests.members.plans.factories import a_plan, buy


def sell_plans(member: Member, *, at: datetime) -> None:
    """One row at least of plans, paid time, gifts of benefits, batches and cards."""
    plan = a_plan(refund_rule="full", refund_days=7)
    buy(plan, member_id=member.pk, order=900, at=at)
    promise = Promise(
        kind="welcome_gift", origin="plan", granted_by=plan.code, title="开卡礼", period="plan:year", points=500
    )
    with transaction.atomic():
        give_promised(member_id=member.pk, promise=promise, at=at)
    batch = GiftCardBatch.objects.create(name="双十二礼品卡", plan=plan, quantity=2)
    with transaction.atomic():
        gift_cards.export(batch_id=batch.pk, user_id=User.objects.get(username="asking").pk, at=at)
