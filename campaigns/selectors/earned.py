"""What an order has earned and what of that was taken back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from campaigns.models import Receipt
from mall.models import OrderLine, Refund


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
    """What the order earned; None when it has no receipt (yet). One query."""
    return earned_by_orders(order_ids=[order_id]).get(order_id)


def earned_by_orders(*, order_ids: Sequence[int]) -> dict[int, Earned]:
    """What orders earned, by order id; those without a receipt are left out. One query."""
    ids = {f"order:{order_id}": order_id for order_id in order_ids}
    found = _earned(Receipt.objects.filter(occurrence__in=ids, trigger=Receipt.Trigger.ORDER_COMPLETED))
    return {ids[name]: earned for name, earned in found.items()}


def earned_by_occurrence(*, name: str) -> Earned | None:
    """What an occurrence that no order of the member stands behind has earned; None when it has no receipt."""
    return _earned(Receipt.objects.filter(occurrence=name, origin__isnull=True)).get(name)


def _earned(receipts: QuerySet[Receipt]) -> dict[str, Earned]:
    taken = receipts.annotate(
        points_taken=Coalesce(Sum("clawbacks__points"), 0), growth_taken=Coalesce(Sum("clawbacks__growth"), 0)
    )
    return {
        receipt.occurrence: Earned(
            receipt_id=receipt.pk,
            member_id=receipt.member_id,
            base_cents=receipt.base_cents,
            points=receipt.points,
            growth=receipt.growth,
            points_entry_id=receipt.points_entry_id,
            growth_entry_id=receipt.growth_entry_id,
            points_taken=-receipt.points_taken,
            growth_taken=-receipt.growth_taken,
        )
        for receipt in taken.defer("steps", "nearly").order_by("pk")
    }


def goods_refunded_after(*, order_id: int, refund_id: int) -> int:
    """Goods' cash of the refunds of that order that came after this one."""
    later = Refund.objects.filter(order_id=order_id, pk__gt=refund_id)
    cents: int = later.aggregate(cents=Sum(F("cash_cents") - F("freight_cents"), default=0))["cents"]
    return cents


def net_by_refund(*, refund_ids: Sequence[int]) -> dict[int, int]:
    """By refund, the cash for its order's goods that was left right after it. One query."""
    lines = OrderLine.objects.filter(order=OuterRef("order"))
    later = Refund.objects.filter(order=OuterRef("order"), pk__gt=OuterRef("pk"))
    left = Coalesce(Subquery(_sum(lines, F("paid_cents") - F("refunded_cents"))), 0)
    since = Coalesce(Subquery(_sum(later, F("cash_cents") - F("freight_cents"))), 0)
    return dict(Refund.objects.filter(pk__in=refund_ids).order_by("pk").values_list("pk", left + since))


def _sum(rows: QuerySet[Any], amount: Combinable) -> QuerySet[Any, dict[str, Any]]:
    summed: QuerySet[Any, dict[str, Any]] = rows.order_by().values("order").annotate(cents=Sum(amount)).values("cents")
    return summed
