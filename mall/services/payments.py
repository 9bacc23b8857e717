"""Money that comes in: attempts, and notices that may come twice, late, forged or with another amount."""

import logging
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from config.core.db import transaction_required
from config.core.errors import DomainError, InvalidInput
from config.core.random_numbers import public_number
from config.outbox import publishing as outbox
from mall import payment_providers
from mall.events import PaymentReturned
from mall.models import Order, Payment
from mall.rules.keys import is_key
from mall.rules.lifecycle import Move, is_allowed
from mall.services import orders, plan_time
from members.services import traces

logger = logging.getLogger(__name__)


class OrderExpired(DomainError):
    """The time to pay has run out."""

    code = "order_expired"
    message = "订单已超过付款时间，请重新下单"


class OrderOutdated(DomainError):
    """What the order's price hung on is gone: a plan was given back, or the time that an upgrade counted."""

    code = "order_outdated"
    message = "会员时间有变化，本单的价格已失效，请取消后重新下单"


class UnknownPayment(DomainError):
    """No attempt has that number: forged, or not ours."""

    code = "unknown_payment"
    message = "支付单不存在"
    http_status = 404


class TransactionReused(DomainError):
    """The provider's transaction was booked for another attempt, or the attempt by another transaction."""

    code = "transaction_reused"
    message = "渠道流水号与支付单不符"


class PaymentOutcome(StrEnum):
    """What became of a notice of success."""

    PAID = "paid"
    ALREADY_RECORDED = "already_recorded"
    RETURNED = "returned"
    AMOUNT_MISMATCH = "amount_mismatch"


@dataclass(frozen=True, kw_only=True)
class PaymentStart:
    """An open attempt: what the provider is asked to collect."""

    payment_id: int
    out_trade_no: str
    amount_cents: int
    provider: str


@transaction_required
def start_payment(*, order_id: int, provider: str, at: datetime, member_id: int | None = None) -> PaymentStart:
    """Open an attempt to pay the order; an attempt that is open with this provider is returned again.

    Raises ProviderUnavailable, NotFound, OrderStateConflict, OrderExpired, OrderOutdated.
    """
    chosen = payment_providers.provider_named(provider)
    order = orders.locked_order(order_id=order_id, member_id=member_id)
    orders.require_move(order, Move.PAY)
    if order.expires_at is not None and at >= order.expires_at:
        raise OrderExpired()
    if plan_time.is_outdated(order=order, at=at):
        raise OrderOutdated()
    attempt = order.payments.filter(provider=chosen.code, status=Payment.Status.CREATED).order_by("pk").first()
    attempt = attempt or Payment.objects.create(
        order=order,
        provider=chosen.code,
        out_trade_no=public_number(20),
        amount_cents=order.payable_cents,
        created_at=at,
    )
    return PaymentStart(
        payment_id=attempt.pk,
        out_trade_no=attempt.out_trade_no,
        amount_cents=attempt.amount_cents,
        provider=attempt.provider,
    )


@transaction_required
def record_success(
    *, out_trade_no: str, amount_cents: int, transaction_id: str, payer: str | None, at: datetime
) -> PaymentOutcome:
    """Book that the provider has the money, once, whatever became of the order meanwhile.

    Money for an order that is cancelled or paid already goes back. Another amount than asked is written down and never
    pays: the caller answers the provider with a refusal. `payer` is the account that paid, as the provider always
    calls it, and None only when the provider can't know: it tells whether a newcomer and their inviter are one person.
    Raises UnknownPayment, TransactionReused, ProviderUnavailable, and InvalidInput for what no provider sends.
    """
    _require_bookable(amount_cents, transaction_id)
    order, payment = _locked_attempt(out_trade_no)
    payment_providers.provider_named(payment.provider)
    if payment.status in {Payment.Status.SUCCEEDED, Payment.Status.REFUNDED}:
        return _repeated(payment, transaction_id)
    if amount_cents != payment.amount_cents:
        return _mismatch(payment, amount_cents, at)
    _require_new_transaction(payment, transaction_id)
    if plan_time.is_outdated(order=order, at=at):
        orders.close(order_id=order.pk, because=plan_time.why_outdated(order=order), at=at)
    elif is_allowed(move=Move.PAY, status=order.status):
        _settle(payment, Payment.Status.SUCCEEDED, transaction_id, at)
        if payer is not None:
            _note_payer(order, payment, payer, at)
        orders.mark_paid(order_id=order.pk, at=at)
        return PaymentOutcome.PAID
    _settle(payment, Payment.Status.REFUNDED, transaction_id, at)
    outbox.publish(PaymentReturned(order_id=order.pk, payment_id=payment.pk, amount_cents=payment.amount_cents, at=at))
    return PaymentOutcome.RETURNED


def _note_payer(order: Order, payment: Payment, payer: str, at: datetime) -> None:
    if order.member_id is not None:
        provider = payment.provider
        traces.note_payment_account(member_id=order.member_id, provider=provider, account=payer, at=at)


def _require_bookable(amount_cents: int, transaction_id: str) -> None:
    """Refuse what no provider sends and no column holds."""
    if not -(2**63) <= amount_cents < 2**63:
        raise InvalidInput(amount_cents="金额无效")
    if not is_key(transaction_id) or len(transaction_id) > 64:
        raise InvalidInput(transaction_id="渠道流水号无效")


def _locked_attempt(out_trade_no: str) -> tuple[Order, Payment]:
    """The attempt and its order, the order locked first."""
    order_id = (
        Payment.objects.filter(out_trade_no=out_trade_no.replace("\0", "")).values_list("order_id", flat=True).first()
    )
    if order_id is None:
        logger.warning("a payment notice names an unknown out_trade_no")
        raise UnknownPayment()
    order = orders.locked_order(order_id=order_id)
    return order, Payment.objects.select_for_update().get(out_trade_no=out_trade_no.replace("\0", ""))


def _repeated(payment: Payment, transaction_id: str) -> PaymentOutcome:
    if payment.transaction_id != transaction_id:
        raise TransactionReused()
    return PaymentOutcome.ALREADY_RECORDED


def _mismatch(payment: Payment, amount_cents: int, at: datetime) -> PaymentOutcome:
    logger.warning("a payment notice names another amount than asked", extra={"payment_id": payment.pk})
    Payment.objects.filter(pk=payment.pk).update(wrong_amount_cents=amount_cents, wrong_amount_at=at)
    return PaymentOutcome.AMOUNT_MISMATCH


def _require_new_transaction(payment: Payment, transaction_id: str) -> None:
    known = Payment.objects.filter(provider=payment.provider, transaction_id=transaction_id)
    if known.exclude(pk=payment.pk).exists():
        raise TransactionReused()


def _settle(payment: Payment, status: str, transaction_id: str, at: datetime) -> None:
    Payment.objects.filter(pk=payment.pk).update(status=status, transaction_id=transaction_id, succeeded_at=at)
