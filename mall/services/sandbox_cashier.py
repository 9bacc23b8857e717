"""The sandbox cashier: pays without money, where the shop allows it."""

from datetime import datetime

from config.core.db import transaction_required
from mall.services import payments

PROVIDER = "sandbox"


@transaction_required
def pay(*, order_id: int, member_id: int, at: datetime) -> payments.PaymentOutcome:
    """Start an attempt and report its success, as a provider would. Raises what `start_payment` raises."""
    started = payments.start_payment(order_id=order_id, member_id=member_id, provider=PROVIDER, at=at)
    return payments.record_success(
        out_trade_no=started.out_trade_no,
        amount_cents=started.amount_cents,
        transaction_id=f"sandbox-{started.out_trade_no}",
        at=at,
    )
