"""One submit makes one order: its key, sent again, returns the order that it made."""

from dataclasses import dataclass
from typing import Protocol

from django.db import connection

from config.core.errors import DomainError
from mall.models import Order


class SubmitKeyReused(DomainError):
    """The key of an order that was placed came with another wish."""

    code = "submit_key_reused"
    message = "该订单已提交，请刷新页面后重新下单"


@dataclass(frozen=True, kw_only=True)
class Placed:
    """The order that stands now. `status` "paid" means that nothing is left to pay."""

    order_id: int
    number: str
    status: str
    payable_cents: int


class Submit(Protocol):
    """What was submitted, by whom, under which key; the digest tells one wish from another."""

    @property
    def member_id(self) -> int | None: ...

    @property
    def submit_key(self) -> str: ...

    @property
    def digest(self) -> str: ...


def wait_for_the_same_key(submit: Submit) -> None:
    """Let two submits with one key go one after the other, so that the second finds the first one's order."""
    name = f"submit:{submit.member_id}:{submit.submit_key}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def placed_before(submit: Submit) -> Placed | None:
    """The order that this key made; None: it is new. Raises SubmitKeyReused."""
    order = Order.objects.filter(member=submit.member_id, submit_key=submit.submit_key).first()
    if order is None:
        return None
    if order.submit_digest != submit.digest:
        raise SubmitKeyReused()
    return placed(order)


def placed(order: Order) -> Placed:
    """What the buyer is told of an order that stands."""
    return Placed(order_id=order.pk, number=order.number, status=order.status, payable_cents=order.payable_cents)
