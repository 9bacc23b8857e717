"""What no service writes and the database refuses: the nets under money and goods."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from mall.models import Order, Payment, Refund, RefundLine, Stock
from mall.services import refunds
from tests.mall.builders import AT, LATER, a_buyer, a_paid_order, a_sku, place, start

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(shop: None) -> Order:
    """A paid order with points, of two units."""
    return a_paid_order(a_buyer(points=500), (a_sku(), 2), points=500)


def refused_by(constraint: str, write: Callable[[], object]) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        write()


@pytest.mark.parametrize("status", ["shipped", "received", "completed", "cancelled"])
def test_an_order_in_a_state_without_its_time_is_refused(order: Order, status: str) -> None:
    refused_by("order_status_has_its_time", lambda: Order.objects.filter(pk=order.pk).update(status=status))


def test_an_unpaid_order_that_would_never_run_out_is_refused(shop: None) -> None:
    placed = place(a_buyer(), (a_sku(), 1))
    refused_by("order_status_has_its_time", lambda: Order.objects.filter(pk=placed.order_id).update(expires_at=None))


def test_a_paid_order_whose_points_nobody_held_is_refused(order: Order) -> None:
    refused_by("order_points_spent_were_held", lambda: Order.objects.filter(pk=order.pk).update(hold=None))


def test_an_order_that_is_paid_twice_is_refused(order: Order) -> None:
    paid = order.payments.get()
    paid.pk, paid.out_trade_no, paid.transaction_id = None, "other", "other"
    refused_by("payment_pays_an_order_once", lambda: paid.save(force_insert=True))


def test_a_payment_that_succeeded_without_a_transaction_or_in_no_known_state_is_refused(shop: None) -> None:
    attempt = Payment.objects.filter(pk=start(place(a_buyer(), (a_sku(), 1)).order_id).payment_id)
    for status in ("succeeded", "lost"):
        refused_by(
            "payment_settled_names_transaction",
            lambda status=status: attempt.update(status=status, succeeded_at=LATER),  # type: ignore[misc]
        )


def test_a_refund_of_more_freight_than_cash_is_refused(order: Order) -> None:
    refused_by(
        "refund_freight_within_cash",
        lambda: Refund.objects.create(
            order=order, number="1", key="k", cash_cents=100, freight_cents=101, created_at=AT
        ),
    )


def test_a_line_stands_once_in_a_refund(order: Order) -> None:
    (line,) = order.lines.all()
    made = refunds.refund(order_id=order.pk, lines={line.pk: 1}, key="r", reason="", at=LATER)
    refused_by(
        "refundline_once_per_line",
        lambda: RefundLine.objects.create(refund_id=made.refund_id, line=line, quantity=1, cash_cents=0),
    )


def test_more_than_was_paid_or_sold_never_comes_back(order: Order) -> None:
    refused_by(
        "order_refund_in_range",
        lambda: Order.objects.filter(pk=order.pk).update(refunded_cents=F("payable_cents") + 1),
    )
    refused_by("orderline_refund_in_range", lambda: order.lines.update(refunded_quantity=3))


@pytest.mark.parametrize("column", ["available", "reserved"])
def test_stock_below_nothing_is_refused(order: Order, column: str) -> None:
    refused_by(f"stock_{column}_not_negative", lambda: Stock.objects.update(**{column: -1}))


@pytest.mark.parametrize("cents", [0, 19900])
def test_a_line_at_a_member_price_that_is_none_is_refused(order: Order, cents: int) -> None:
    refused_by("orderline_member_price_in_range", lambda: order.lines.update(member_price_cents=cents))
