"""What paid membership truly saved, order by order; refunds take their share back."""

from dataclasses import asdict, dataclass
from datetime import datetime

from config.core.db import transaction_required
from members.models import MembershipSaving

_Kind = MembershipSaving.Kind


@dataclass(frozen=True, kw_only=True)
class SavedOn:
    """An order that a plan (None: not noted) made cheaper when it was placed."""

    member_id: int
    order_ref: str
    order_number: str
    plan_id: int | None
    placed_at: datetime


@transaction_required
def record(*, saved: SavedOn, discount_cents: int, freight_cents: int, at: datetime) -> None:
    """Note what membership saved on a completed order; noted once, however often it is reported."""
    parts = {_Kind.DISCOUNT: discount_cents, _Kind.FREIGHT: freight_cents}
    MembershipSaving.objects.bulk_create(
        [MembershipSaving(**asdict(saved), kind=kind, cents=cents, at=at) for kind, cents in parts.items() if cents],
        ignore_conflicts=True,
    )


@transaction_required
def take_back(*, order_ref: str, discount_cents: int, whole_order: bool) -> None:
    """So much of an order's discount was on goods that went back so far: it is saved no more.

    Freight was saved as long as anything of the order stays.
    """
    for row in MembershipSaving.objects.select_for_update().filter(order_ref=order_ref).order_by("pk"):
        if whole_order:
            gone = row.cents
        elif row.kind == _Kind.DISCOUNT:
            gone = min(discount_cents, row.cents)
        else:
            gone = 0
        if gone > row.reversed_cents:
            row.reversed_cents = gone
            row.save(update_fields=["reversed_cents"])


@transaction_required
def repoint(*, source_id: int, target_id: int) -> int:
    """A merge: what the duplicate saved, the target saved; how many rows."""
    moved: int = MembershipSaving.objects.filter(member=source_id).update(member=target_id)
    return moved
