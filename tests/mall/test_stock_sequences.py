"""Any sequence of orders, payments, cancellations and refunds keeps every unit: on sale, reserved or with a buyer."""

import pytest
from django.db import transaction
from django.db.models import F, Sum
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from config.core.errors import DomainError
from mall.models import OrderLine
from mall.services import orders, refunds
from mall.services.defaults import ensure_defaults
from points import ledger
from tests.mall.builders import LATER, a_buyer, a_sku, pay, place, points_of, shelf, ship

STOCK, POINTS = 12, 4000


class Shop(RuleBasedStateMachine):
    """Two SKUs, one member, and everything that may happen to their orders in any order."""

    orders = Bundle("orders")

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        ensure_defaults()
        self.skus = [a_sku(price_cents=3000, stock=STOCK), a_sku(price_cents=700, stock=STOCK, name="茶杯")]
        self.member = a_buyer(points=POINTS)
        self.back_on_sale = {sku.pk: 0 for sku in self.skus}  # units refunded before their order was shipped

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    def _try(self, act) -> object:
        try:
            with transaction.atomic():
                return act()
        except DomainError:
            return None

    @rule(
        target=orders, quantities=st.tuples(st.integers(0, 5), st.integers(1, 5)), points=st.sampled_from([0, 100, 300])
    )
    def place(self, quantities: tuple[int, int], points: int) -> int:
        wanted = [(sku, quantity) for sku, quantity in zip(self.skus, quantities, strict=True) if quantity]
        placed = self._try(lambda: place(self.member, *wanted, points=points))
        return placed.order_id if placed else 0

    @rule(order_id=orders)
    def pay(self, order_id: int) -> None:
        self._try(lambda: pay(order_id))

    @rule(order_id=orders)
    def cancel(self, order_id: int) -> None:
        self._try(lambda: orders.cancel(order_id=order_id, at=LATER))

    @rule(order_id=orders)
    def ship(self, order_id: int) -> None:
        self._try(lambda: ship(order_id))

    @rule(order_id=orders)
    def receive(self, order_id: int) -> None:
        self._try(lambda: orders.confirm_receipt(order_id=order_id, at=LATER))

    @rule(order_id=orders, quantity=st.integers(1, 5), key=st.sampled_from(["a", "b"]))
    def refund(self, order_id: int, quantity: int, key: str) -> None:
        line = OrderLine.objects.filter(order=order_id).select_related("order").order_by("pk").first()
        if line is None:
            return
        self._try(lambda: refunds.refund(order_id=order_id, lines={line.pk: quantity}, key=key, reason="", at=LATER))
        came_back = OrderLine.objects.get(pk=line.pk).refunded_quantity - line.refunded_quantity
        if line.order.status == "paid":
            self.back_on_sale[line.sku_id] += came_back

    @invariant()
    def every_unit_is_somewhere(self) -> None:
        for sku in self.skus:
            available, reserved = shelf(sku)
            lines = OrderLine.objects.filter(sku=sku)
            waiting = lines.filter(order__status="created").aggregate(n=Sum("quantity"))["n"] or 0
            sold = lines.filter(order__paid_at__isnull=False).aggregate(n=Sum("quantity"))["n"] or 0
            assert reserved == waiting
            assert available + reserved + sold - self.back_on_sale[sku.pk] == STOCK

    @invariant()
    def every_point_is_somewhere(self) -> None:
        spendable, held = points_of(self.member)
        lines = OrderLine.objects.filter(order__member=self.member)
        waiting = lines.filter(order__status="created").aggregate(n=Sum("points_spent"))["n"] or 0
        paid = lines.filter(order__paid_at__isnull=False)
        spent = paid.aggregate(n=Sum(F("points_spent") - F("refunded_points")))["n"] or 0
        assert held == waiting
        assert spendable + held + spent == POINTS
        assert ledger.audit() == []


@pytest.mark.django_db
def test_units_and_points_are_kept_through_any_sequence(shop: None) -> None:
    run_state_machine_as_test(Shop, settings=settings(max_examples=25, stateful_step_count=20, deadline=None))
