"""What an order has earned and what of that was taken back."""

from dataclasses import dataclass

from django.db.models import F, Sum

from campaigns.models import Receipt
from mall.models import Refund


@dataclass(frozen=True, kw_only=True)
class Earned:
    """One order's earnings: what was given on `base_cents`, and what refunds took back since."""

    receipt_id: int
    member_id: int
    base_cents: int
    points: int
    growth: int
    points_entry_id: int | None
    growth_entry_id: int | None
    points_taken: int
    growth_taken: int


def earned_by_order(*, order_id: int) -> Earned | None:
    """What the order earned; None when it has no receipt (yet). Two queries."""
    receipt = Receipt.objects.filter(occurrence=f"order:{order_id}", trigger=Receipt.Trigger.ORDER_COMPLETED).first()
    if receipt is None:
        return None
    taken = receipt.clawbacks.aggregate(points=Sum("points", default=0), growth=Sum("growth", default=0))
    return Earned(
        receipt_id=receipt.pk,
        member_id=receipt.member_id,
        base_cents=receipt.base_cents,
        points=receipt.points,
        growth=receipt.growth,
        points_entry_id=receipt.points_entry_id,
        growth_entry_id=receipt.growth_entry_id,
        points_taken=-taken["points"],
        growth_taken=-taken["growth"],
    )


def goods_refunded_after(*, order_id: int, refund_id: int) -> int:
    """Goods' cash of the refunds of that order that came after this one."""
    later = Refund.objects.filter(order_id=order_id, pk__gt=refund_id)
    cents: int = later.aggregate(cents=Sum(F("cash_cents") - F("freight_cents"), default=0))["cents"]
    return cents
