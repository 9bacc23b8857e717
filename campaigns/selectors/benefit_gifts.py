"""What benefits gave, and what of it goes back with a plan's fee."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from campaigns.models import BenefitGift, Receipt
from members.models import Plan, Subscription, Tier
from members.rules.benefits import Gives, giving
from members.rules.plans import gift_taken_back
from members.selectors.merging import current_member_id
from members.selectors.plans import keeps_plan


@dataclass(frozen=True, kw_only=True)
class WelcomeGift:
    """A welcome gift that was given and not taken back."""

    receipt_id: int
    points: int
    title: str


def grantor_name(*, origin: str, code: str) -> str:
    """What the tier or plan is called now; empty for one that is gone. One query."""
    grantors = Tier.objects if origin == BenefitGift.Origin.TIER else Plan.objects
    return grantors.filter(code=code).values_list("name", flat=True).first() or ""


def welcome_gifts(*, member_id: int, plan_code: str) -> list[WelcomeGift]:
    """What opening this plan brought the member, but what went back: one gift, and those that duplicates had who were
    merged. One query."""
    given = _given(member_id).filter(granted_by=plan_code, receipt__isnull=False).order_by("receipt__occurrence", "pk")
    rows = given.values_list("receipt_id", "receipt__points", "title")
    return [WelcomeGift(receipt_id=receipt_id, points=points, title=title) for receipt_id, points, title in rows]


def taken_back_by_fee(*, order_id: int, refund_cents: int) -> int:
    """The points that go back when so much of the fee does that this order paid: what the handler of that fact takes.

    0 for every other order. One query for those.
    """
    bought = Subscription.objects.filter(order_ref=f"order:{order_id}", state=Subscription.State.LIVE)
    row = bought.select_related("plan").first()
    if row is None:
        return 0
    member_id = current_member_id(member_id=row.member_id)
    if keeps_plan(member_id=member_id, plan_id=row.plan_id, without=row.pk):
        return 0
    gifts = welcome_gifts(member_id=member_id, plan_code=row.plan.code)
    rule, paid_cents = row.refund_rule, row.paid_cents
    return sum(
        gift_taken_back(points=gift.points, refunded_cents=refund_cents, paid_cents=paid_cents, rule=rule)
        for gift in gifts
    )


def _given(member_id: int) -> QuerySet[BenefitGift]:
    gifts = BenefitGift.objects.filter(
        Q(member=member_id) | Q(member__merged_into=member_id),  # whose rows may not have moved yet
        kind__in=giving(Gives.WELCOME),
        origin=BenefitGift.Origin.PLAN,
        state=BenefitGift.State.GIVEN,
    )
    return gifts.filter(~Q(receipt__clawbacks__trigger=Receipt.Trigger.BENEFIT_TAKEN_BACK))
