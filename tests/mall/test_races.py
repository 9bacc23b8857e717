"""Many threads at once, each with its control: what happens when the guard is taken out."""

import threading
from collections.abc import Callable

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import F

from config.core.errors import DomainError
from mall.models import Order, OrderLine, Payment, Product, Sku, Stock, Store
from mall.selectors.baskets import CART, CartEmpty, OutOfStock
from mall.services import carts, orders, payments, refunds, stock
from mall.services import checkout as placing
from mall.services.submits import Placed
from points import ledger
from tests.mall.builders import (
    AT,
    LATER,
    a_buyer,
    a_paid_order,
    a_sku,
    address_of,
    facts_of,
    place,
    points_of,
    redeem,
    shelf,
    start,
    succeed,
)

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def at_once(acts: list[Callable[[], object]]) -> list[object]:
    """Results of all acts, started together; a refusal is a result."""
    barrier, results = threading.Barrier(len(acts)), [None for _ in acts]

    def run(number: int, act: Callable[[], object]) -> None:
        try:
            barrier.wait(timeout=20)
            results[number] = act()
        except (DomainError, IntegrityError, OperationalError) as refusal:
            results[number] = refusal
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number, act)) for number, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


def count(results: list[object], kind: type) -> int:
    return sum(isinstance(result, kind) for result in results)


def test_the_last_item_is_sold_once(committed_shop: None) -> None:
    sku = a_sku(stock=3)
    buyers = [a_buyer() for _ in range(12)]
    results = at_once([lambda buyer=buyer: place(buyer, (sku, 1)) for buyer in buyers])
    assert (count(results, Placed), count(results, OutOfStock)) == (3, 9)
    assert shelf(sku) == (0, 3)


def test_control_reading_before_writing_sells_the_last_item_twice(committed_shop: None) -> None:
    sku, read = a_sku(stock=1), threading.Barrier(2)

    def reserve_carelessly() -> bool:
        with transaction.atomic():
            row = Stock.objects.get(sku=sku)
            read.wait(timeout=20)
            if row.available < 1:
                return False
            Stock.objects.filter(pk=row.pk).update(available=row.available - 1, reserved=F("reserved") + 1)
            return True

    assert at_once([reserve_carelessly, reserve_carelessly]) == [True, True]
    assert shelf(sku) == (0, 2)


def test_control_without_the_condition_the_constraint_is_the_second_net(committed_shop: None) -> None:
    sku = a_sku(stock=1)

    def reserve_unconditionally() -> None:
        with transaction.atomic():
            Stock.objects.filter(sku=sku).update(available=F("available") - 1, reserved=F("reserved") + 1)

    assert count(at_once([reserve_unconditionally] * 3), IntegrityError) == 2
    assert shelf(sku) == (0, 1)


def test_baskets_in_opposite_order_do_not_lock_each_other_out(committed_shop: None) -> None:
    tea, cup = a_sku(stock=100), a_sku(stock=100, name="茶杯")
    buyers = [a_buyer() for _ in range(12)]
    first = [lambda buyer=buyer: place(buyer, (tea, 1), (cup, 1)) for buyer in buyers[:6]]
    second = [lambda buyer=buyer: place(buyer, (cup, 1), (tea, 1)) for buyer in buyers[6:]]
    results = at_once(first + second)
    assert count(results, Placed) == 12
    assert (shelf(tea), shelf(cup)) == ((88, 12), (88, 12))


def test_control_without_the_order_of_skus_two_baskets_deadlock(committed_shop: None) -> None:
    tea, cup, met = a_sku(), a_sku(name="茶杯"), threading.Barrier(2)

    def reserve_in_basket_order(first: Sku, second: Sku) -> str:
        with transaction.atomic():
            Stock.objects.filter(sku=first).update(available=F("available") - 1)
            met.wait(timeout=20)
            Stock.objects.filter(sku=second).update(available=F("available") - 1)
        return "reserved"

    results = at_once([lambda: reserve_in_basket_order(tea, cup), lambda: reserve_in_basket_order(cup, tea)])
    assert (count(results, str), count(results, OperationalError)) == (1, 1)


def a_reward_beside(sku: Sku) -> Sku:
    """Another SKU of the same product, for points alone."""
    Product.objects.filter(pk=sku.product_id).update(is_redeemable=True)
    reward = Sku.objects.create(product=sku.product, code=f"{sku.code}-R", price_cents=100, redeem_points=10)
    Stock.objects.create(sku=reward, store=Store.objects.get(is_default=True), available=100)
    return reward


def test_redeeming_and_paying_another_order_do_not_lock_each_other_out(committed_shop: None) -> None:
    member, sku = a_buyer(points=9000), a_sku(stock=100)
    reward = a_reward_beside(sku)
    for _ in range(4):
        unpaid = [start(place(member, (sku, 1), points=500).order_id) for _ in range(3)]
        acts: list[Callable[[], object]] = [lambda one=one: succeed(one) for one in unpaid]
        results = at_once(acts + [lambda: redeem(member, reward, points=10)] * 3)
        assert results[:3] == ["paid"] * 3
        assert count(results, Placed) == 3
    assert points_of(member) == (9000 - 12 * 510, 0)


def test_control_counting_what_was_sold_before_taking_the_points_deadlocks(committed_shop: None) -> None:
    member, sku, met = a_buyer(points=9000), a_sku(), threading.Barrier(2)

    def redeem_at_once() -> str:
        with transaction.atomic():
            ledger.lock(accounts=[member.points_account_id])
            met.wait(timeout=20)
            Product.objects.filter(pk=sku.product_id).update(sold_count=F("sold_count") + 1)
        return "redeemed"

    def pay_carelessly() -> str:
        with transaction.atomic():
            Product.objects.filter(pk=sku.product_id).update(sold_count=F("sold_count") + 1)
            met.wait(timeout=20)
            ledger.lock(accounts=[member.points_account_id])
        return "paid"

    results = at_once([redeem_at_once, pay_carelessly])
    assert (count(results, str), count(results, OperationalError)) == (1, 1)


def test_two_submits_with_one_key_make_one_order(committed_shop: None) -> None:
    member, sku = a_buyer(points=500), a_sku()
    results = at_once([lambda: place(member, (sku, 1), points=500, key="one")] * 6)
    assert {result.number for result in results} == {Order.objects.get().number}
    assert (shelf(sku), points_of(member)) == ((9, 1), (0, 500))


def test_control_without_the_wait_only_the_constraint_stops_the_second_order(
    committed_shop: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    member, sku, read = a_buyer(), a_sku(), threading.Barrier(2)
    found = placing.placed_before

    def look_together(wish: placing._Wish) -> Placed | None:
        answer = found(wish)
        read.wait(timeout=20)
        return answer

    monkeypatch.setattr(placing, "wait_for_the_same_key", lambda wish: None)
    monkeypatch.setattr(placing, "placed_before", look_together)
    results = at_once([lambda: place(member, (sku, 1), key="one")] * 2)
    assert (count(results, Placed), count(results, IntegrityError)) == (1, 1)


def test_two_tabs_that_submit_one_cart_make_one_order(committed_shop: None) -> None:
    member, sku = a_buyer(), a_sku()
    with transaction.atomic():
        carts.add_to_cart(member_id=member.pk, sku_id=sku.pk, quantity=1, at=AT)

    def submit(key: str) -> Placed:
        with transaction.atomic():
            return placing.place_order(
                member_id=member.pk,
                lines=CART,
                address_id=address_of(member),
                points=0,
                channel="h5",
                submit_key=key,
                expected_payable_cents=19900,
                at=AT,
            )

    results = at_once([lambda: submit("left"), lambda: submit("right")])
    assert (count(results, Placed), count(results, CartEmpty)) == (1, 1)
    assert shelf(sku) == (9, 1)


def test_one_balance_cannot_pay_two_orders(committed_shop: None) -> None:
    member, sku = a_buyer(points=500), a_sku()
    results = at_once([lambda: place(member, (sku, 1), points=500)] * 4)
    assert count(results, Placed) == 1
    assert (points_of(member), shelf(sku)) == ((0, 500), (9, 1))


def test_a_notice_delivered_by_many_threads_is_booked_once(committed_shop: None) -> None:
    sku = a_sku()
    placed = place(a_buyer(), (sku, 1))
    started = start(placed.order_id)
    results = at_once([lambda: succeed(started)] * 8)
    assert sorted(results) == ["already_recorded"] * 7 + ["paid"]
    assert (facts_of(placed.order_id), shelf(sku)) == (["OrderPlaced", "OrderPaid"], (9, 0))


def test_two_attempts_that_succeed_at_once_pay_once_and_return_once(committed_shop: None) -> None:
    sku = a_sku()
    placed = place(a_buyer(), (sku, 1))
    first = start(placed.order_id)
    other = Payment.objects.create(
        order_id=placed.order_id, provider="sandbox", out_trade_no="2", amount_cents=19900, created_at=AT
    )
    second = payments.PaymentStart(payment_id=other.pk, out_trade_no="2", amount_cents=19900, provider="sandbox")
    results = at_once([lambda: succeed(first), lambda: succeed(second)])
    assert sorted(results) == ["paid", "returned"]
    assert shelf(sku) == (9, 0)


def test_cancelling_and_paying_at_once_ends_in_one_of_the_two(committed_shop: None) -> None:
    for _ in range(6):
        member, sku = a_buyer(points=500), a_sku()
        placed = place(member, (sku, 1), points=500)
        started = start(placed.order_id)

        def cancel(order_id: int = placed.order_id) -> str:
            with transaction.atomic():
                orders.cancel(order_id=order_id, at=LATER)
            return "cancelled"

        paid, cancelled = at_once([lambda started=started: succeed(started), cancel])
        status = Order.objects.get(pk=placed.order_id).status
        if status == "paid":
            assert (paid, type(cancelled)) == ("paid", orders.OrderStateConflict)
            assert (shelf(sku), points_of(member)) == ((9, 0), (0, 0))
        else:
            assert (status, paid, cancelled) == ("cancelled", "returned", "cancelled")
            assert (shelf(sku), points_of(member)) == ((10, 0), (500, 0))


def test_control_without_the_order_lock_a_payment_works_on_a_stale_state(
    committed_shop: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    sku, read = a_sku(), threading.Barrier(2)
    placed = place(a_buyer(), (sku, 1))

    def look_together(*, order_id: int, member_id: int | None = None) -> Order:
        order = Order.objects.get(pk=order_id)
        read.wait(timeout=20)
        return order

    monkeypatch.setattr(orders, "locked_order", look_together)

    def pay() -> str:
        with transaction.atomic():
            orders.mark_paid(order_id=placed.order_id, at=LATER)
        return "paid"

    def cancel() -> str:
        with transaction.atomic():
            orders.cancel(order_id=placed.order_id, at=LATER)
        return "cancelled"

    results = at_once([pay, cancel])
    assert count(results, str) == 1
    (conflict,) = [result for result in results if isinstance(result, orders.OrderStateConflict)]
    assert (
        conflict.facts["move"] == "变更"
    )  # both believed the order unpaid; only the conditional UPDATE told them apart


def refund_of(order: Order, quantities: dict[int, int], key: str) -> refunds.RefundDone:
    with transaction.atomic():
        return refunds.refund(order_id=order.pk, lines=quantities, key=key, reason="", at=LATER)


def test_refunds_of_one_order_at_once_give_back_every_cent_point_and_unit_once(committed_shop: None) -> None:
    member, tea, cup = a_buyer(points=1100), a_sku(price_cents=3333), a_sku(price_cents=1, name="茶杯")
    order = a_paid_order(member, (tea, 7), (cup, 3), points=1100)
    first, second = order.lines.order_by("pk").values_list("pk", flat=True)
    one_each = [lambda n=n: refund_of(order, {first: 1}, f"a{n}") for n in range(8)]
    results = at_once([*one_each, *(lambda n=n: refund_of(order, {second: 1}, f"b{n}") for n in range(3))])
    assert count(results, refunds.RefundDone) == 10
    assert count(results, DomainError) == 1
    order.refresh_from_db()
    assert (order.status, order.refunded_cents) == ("cancelled", order.payable_cents)
    assert (points_of(member), shelf(tea), shelf(cup)) == ((1100, 0), (10, 0), (10, 0))


def test_one_refund_asked_for_by_many_at_once_is_made_once(committed_shop: None) -> None:
    sku = a_sku()
    order = a_paid_order(a_buyer(), (sku, 3))
    (line,) = order.lines.values_list("pk", flat=True)
    results = at_once([lambda: refund_of(order, {line: 1}, "once")] * 6)
    assert len({result.refund_id for result in results}) == 1
    assert shelf(sku) == (8, 0)


def test_control_without_the_order_lock_two_refunds_give_one_unit_back_twice(
    committed_shop: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both plan on the same line; when it is the last unit only the constraint stops the second."""
    order, read = a_paid_order(a_buyer(), (a_sku(), 1)), threading.Barrier(2)
    (line,) = order.lines.values_list("pk", flat=True)
    sold = refunds._sold

    def look_together(one: Order) -> list[OrderLine]:
        lines = sold(one)
        read.wait(timeout=20)
        return lines

    monkeypatch.setattr(orders, "locked_order", lambda *, order_id: Order.objects.get(pk=order_id))
    monkeypatch.setattr(refunds, "_sold", look_together)
    results = at_once([lambda key=key: refund_of(order, {line: 1}, key) for key in ("left", "right")])
    assert (count(results, refunds.RefundDone), count(results, IntegrityError)) == (1, 1)


def test_two_sweepers_cancel_an_overdue_order_once(committed_shop: None) -> None:
    sku = a_sku()
    placed = place(a_buyer(), (sku, 1))
    due = Order.objects.get(pk=placed.order_id).expires_at

    def sweep() -> bool:
        with transaction.atomic():
            return orders.cancel_if_overdue(order_id=placed.order_id, at=due)

    assert sorted(at_once([sweep] * 4)) == [False, False, False, True]
    assert shelf(sku) == (10, 0)


def test_reserving_and_releasing_by_many_threads_keeps_every_unit(committed_shop: None) -> None:
    sku = a_sku(stock=50)
    store_id = Stock.objects.values_list("store_id", flat=True).get(sku=sku)

    def there_and_back() -> None:
        for _ in range(5):
            with transaction.atomic():
                stock.reserve(store_id=store_id, quantities={sku.pk: 2})
            with transaction.atomic():
                stock.release(store_id=store_id, quantities={sku.pk: 1})
                stock.take(store_id=store_id, quantities={sku.pk: 1})

    at_once([there_and_back] * 6)
    assert shelf(sku) == (20, 0)
