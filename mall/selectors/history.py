"""Imported purchases as campaigns judge them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from mall.models import Order


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportedPurchase:
    """A member's completed purchase; `base_cents` is the cash for goods that the buyer has not got back."""

    order_id: int
    member_id: int
    base_cents: int
    at: datetime
    channel: str
    tier_code: str
    tier_name: str
    points_multiplier: Decimal


def imported_purchases(*, order_ids: Sequence[int]) -> list[ImportedPurchase]:
    """These orders, without walk-ins and without their lines. One query."""
    orders = Order.objects.filter(pk__in=order_ids, status=Order.Status.COMPLETED).order_by("pk")
    rows = orders.values_list("pk", "member_id", "payable_cents", "refunded_cents", "paid_at", "channel", "judged_as")
    return [
        ImportedPurchase(
            order_id=pk,
            member_id=member_id,
            base_cents=payable - refunded,
            at=at,
            channel=channel,
            tier_code=judged["tier_code"] or "",
            tier_name=judged["tier_name"],
            points_multiplier=Decimal(judged["points_multiplier"]),
        )
        for pk, member_id, payable, refunded, at, channel, judged in rows
        if member_id is not None and at is not None
    ]
