"""What benefits gave, and what of it goes back with a plan's fee."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from campaigns.models import BenefitGift, Receipt
from members.models import Plan, Subscription, Tier
from members.rules.benefits import Gives, giving
from members.rules.plans import gift_taken_back
from members.selectors.plans import keeps_plan


@dataclass(frozen=True, kw_only=True)
class WelcomeGift:
    """A welcome gift that was given and not taken back."""

    gift_id: int
    receipt_id: int
    title: str


def grantor_name(*, origin: str, code: str) -> str:
    """What the tier or plan is called now; empty for one that is gone. One query."""
    grantors = Tier.objects if origin == BenefitGift.Origin.TIER else Plan.objects
    return grantors.filter(code=code).values_list("name", flat=True).first() or ""


def welcome_gift(*, member_id: int, plan_code: str) -> WelcomeGift | None:
    """The gift that opening this plan brought the member; None: none, or it went back. One query."""
    given = _given(member_id).filter(granted_by=plan_code).order_by("pk")
    row = given.values_list("pk", "receipt_id", "title").first()
    if row is None or row[1] is None:
        return None
    return WelcomeGift(gift_id=row[0], receipt_id=row[1], title=row[2])


def taken_back_by_fee(*, order_id: int, refund_cents: int) -> int:
    """The points that go back when so much of the fee does that this order paid: what the handler of that fact takes.

    0 for every other order. One query for those.
    """
    bought = Subscription.objects.filter(order_ref=f"order:{order_id}", state=Subscription.State.LIVE)
    row = bought.select_related("plan").first()
    if row is None or keeps_plan(member_id=row.member_id, plan_id=row.plan_id, without=row.pk):
        return 0
    gift = welcome_gift(member_id=row.member_id, plan_code=row.plan.code)
    if gift is None:
        return 0
    points = Receipt.objects.values_list("points", flat=True).get(pk=gift.receipt_id)
    return gift_taken_back(points=points, refunded_cents=refund_cents, paid_cents=row.paid_cents, rule=row.refund_rule)


def _given(member_id: int) -> QuerySet[BenefitGift]:
    gifts = BenefitGift.objects.filter(
        Q(member=member_id) | Q(member__merged_into=member_id),  # whose rows may not have moved yet
        kind__in=giving(Gives.WELCOME),
        origin=BenefitGift.Origin.PLAN,
        state=BenefitGift.State.GIVEN,
    )
    return gifts.filter(~Q(receipt__clawbacks__trigger=Receipt.Trigger.BENEFIT_TAKEN_BACK))
