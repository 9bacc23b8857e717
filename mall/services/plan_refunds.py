"""不满意退会费: a member gives a plan back by the rule they agreed to."""

from datetime import datetime

from config.core.db import transaction_required
from config.core.errors import NotFound
from config.core.money import yuan
from mall.models import Order
from mall.services import orders, refunds
from mall.services.checkout import PriceChanged
from mall.services.refunds import RefundDone, RefundPreview


@transaction_required
def preview_own_fee(*, order_id: int, member_id: int, at: datetime) -> RefundPreview:
    """What giving the plan back would bring now. Raises FeeNotRefundable, NotFound."""
    order = _own_plan_order(order_id, member_id)
    return refunds.preview_refund(order_id=order_id, lines=_line_of(order), at=at)


@transaction_required
def refund_own_fee(*, order_id: int, member_id: int, expected_cents: int, at: datetime) -> RefundDone:
    """Give the plan back for what the member was shown; once, however often it is asked. Raises FeeNotRefundable,
    PriceChanged, NotFound."""
    order, key = _own_plan_order(order_id, member_id), f"fee:{order_id}"
    done = order.refunds.filter(key=key).exists()
    if not done:
        preview = refunds.preview_refund(order_id=order_id, lines=_line_of(order), at=at)
        if preview.cash_cents != expected_cents:
            raise PriceChanged(amount=yuan(preview.cash_cents), payable_cents=preview.cash_cents, points=0)
    return refunds.refund(order_id=order_id, lines=_line_of(order), key=key, reason="不满意退会费", at=at)


def _own_plan_order(order_id: int, member_id: int) -> Order:
    order = orders.locked_order(order_id=order_id, member_id=member_id)
    if order.kind != Order.Kind.PLAN:
        raise NotFound()
    return order


def _line_of(order: Order) -> dict[int, int]:
    return {order.lines.values_list("pk", flat=True).get(): 1}
