"""The cashier: what is owed, until when, and the ways to pay it."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from config.core.errors import NotFound
from mall import payment_providers
from mall.models import Order


class ProviderRow(NamedTuple):
    """A way to pay."""

    code: str
    title: str


@dataclass(frozen=True, kw_only=True)
class CashierView:
    """An order at the cashier. `can_pay` is False once it is paid, cancelled or overdue."""

    order_id: int
    number: str
    status: str
    payable_cents: int
    points_spent: int
    expires_at: datetime | None
    can_pay: bool
    providers: list[ProviderRow]


def cashier(*, member_id: int, number: str, at: datetime) -> CashierView:
    """The member's order at the cashier. Raises NotFound for anybody else's."""
    order = Order.objects.filter(member=member_id, number=number).first()
    if order is None:
        raise NotFound()
    return CashierView(
        order_id=order.pk,
        number=order.number,
        status=order.status,
        payable_cents=order.payable_cents,
        points_spent=order.points_spent,
        expires_at=order.expires_at,
        can_pay=order.status == Order.Status.CREATED and (order.expires_at is None or at < order.expires_at),
        providers=[ProviderRow(code=way.code, title=way.title) for way in payment_providers.available()],
    )
