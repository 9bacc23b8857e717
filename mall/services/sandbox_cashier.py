"""The sandbox cashier: pays without money, where the shop allows it."""

from datetime import datetime

from config.core.db import transaction_required
from mall.models import Payment
from mall.services import payments

PROVIDER = "sandbox"


def wallet_of(*, member_id: int) -> str:
    """The account that the member pays from: everybody has a wallet of their own, whatever browser they share."""
    return f"wallet-{member_id}"


@transaction_required
def pay(*, order_id: int, member_id: int, at: datetime) -> payments.PaymentOutcome:
    """Start an attempt and report its success, as a provider would. Raises what `start_payment` raises."""
    started = payments.start_payment(order_id=order_id, member_id=member_id, provider=PROVIDER, at=at)
    return payments.record_success(
        out_trade_no=started.out_trade_no,
        amount_cents=started.amount_cents,
        transaction_id=f"sandbox-{started.out_trade_no}",
        payer=wallet_of(member_id=member_id),
        at=at,
    )


@transaction_required
def collect(*, out_trade_no: str, member_id: int, at: datetime) -> payments.PaymentOutcome:
    """Report the success of an attempt that the member has started, as a provider would. Raises UnknownPayment."""
    attempts = Payment.objects.filter(out_trade_no=out_trade_no, provider=PROVIDER, order__member=member_id)
    amount_cents = attempts.values_list("amount_cents", flat=True).first()
    if amount_cents is None:
        raise payments.UnknownPayment()
    return payments.record_success(
        out_trade_no=out_trade_no,
        amount_cents=amount_cents,
        transaction_id=f"sandbox-{out_trade_no}",
        payer=wallet_of(member_id=member_id),
        at=at,
    )
