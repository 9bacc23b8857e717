"""Placing an order: what was shown is booked, once; anything else is refused and nothing moves."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.test import override_settings

from config.core.errors import InvalidInput
from mall.models import CartLine, Order, OrderLine, Store
from mall.selectors.baskets import CART, CartEmpty, OutOfStock, QuantityOutOfRange, SkuGone, Wanted
from mall.services import carts
from mall.services import checkout as placing
from mall.services.submits import SubmitKeyReused
from tests.mall.builders import (
    AT,
    FakePromotions,
    a_buyer,
    a_sku,
    address_of,
    facts_of,
    pay,
    place,
    points_of,
    shelf,
)

pytestmark = pytest.mark.django_db


def submit(member, sku, **changes):
    wish = {
        "member_id": member.pk,
        "lines": [Wanted(sku_id=sku.pk, quantity=1)],
        "address_id": address_of(member),
        "points": 0,
        "channel": "h5",
        "submit_key": "one",
        "expected_payable_cents": 19900,
        "at": AT,
    } | changes
    with transaction.atomic():
        return placing.place_order(**wish)


def nothing_moved(member, sku, *, stock: int = 10, points: int = 0) -> bool:
    return Order.objects.count() == 0 and shelf(sku) == (stock, 0) and points_of(member) == (points, 0)


def test_an_order_reserves_goods_holds_points_and_keeps_the_arithmetic(shop: None, promotions: FakePromotions) -> None:
    promotions.off = 1000
    member, sku = a_buyer(points=3000), a_sku()
    placed = place(member, (sku, 2), points=2000)
    order = Order.objects.get(pk=placed.order_id)
    assert (placed.status, placed.payable_cents) == ("created", 36800)
    assert (order.goods_cents, order.discount_cents, order.points_discount_cents, order.freight_cents) == (
        39800,
        1000,
        2000,
        0,
    )
    assert [step["cents"] for step in order.quote["steps"]] == [39800, -1000, -2000, 0]
    assert order.quote["earn_points"] == 368
    assert shelf(sku) == (8, 2)
    assert points_of(member) == (1000, 2000)
    assert promotions.claimed == [order.pk]
    assert (order.recipient, order.recipient_phone, order.region) == ("王小杉", "13800000001", "浙江省 杭州市 西湖区")
    assert order.expires_at == AT + timedelta(minutes=30)
    assert facts_of(order.pk) == ["OrderPlaced"]


def test_lines_carry_name_label_and_shares(shop: None, promotions: FakePromotions) -> None:
    member, tea, cup = a_buyer(points=1000), a_sku(price_cents=10000), a_sku(price_cents=5000, name="茶杯")
    placed = place(member, (tea, 1), (cup, 2), points=1000)
    rows = OrderLine.objects.filter(order=placed.order_id).order_by("pk")
    assert [(row.product_name, row.sku_label, row.quantity) for row in rows] == [
        ("明前龙井", "标准", 1),
        ("茶杯", "标准", 2),
    ]
    assert [(row.points_discount_cents, row.points_spent, row.paid_cents) for row in rows] == [
        (500, 500, 9500),
        (500, 500, 9500),
    ]


def test_a_submit_repeated_with_its_key_returns_the_same_order(shop: None) -> None:
    member, sku = a_buyer(), a_sku()
    first, second = submit(member, sku), submit(member, sku)
    assert first == second
    assert (Order.objects.count(), shelf(sku)) == (1, (9, 1))


def test_a_repeat_finds_the_order_whatever_happened_since(shop: None) -> None:
    member, sku = a_buyer(), a_sku(stock=1)
    first = submit(member, sku)
    pay(first.order_id)
    assert submit(member, sku).order_id == first.order_id


def test_a_key_used_for_another_wish_is_refused(shop: None) -> None:
    member, sku = a_buyer(), a_sku()
    submit(member, sku)
    with pytest.raises(SubmitKeyReused):
        submit(member, sku, lines=[Wanted(sku_id=sku.pk, quantity=2)], expected_payable_cents=39800)
    assert Order.objects.count() == 1


def test_the_same_key_of_two_members_makes_two_orders(shop: None) -> None:
    sku = a_sku()
    assert submit(a_buyer(), sku).order_id != submit(a_buyer(), sku).order_id


@pytest.mark.parametrize("key", ["", "x" * 81, "有空 格", "a\0b"])
def test_a_key_that_is_no_key_is_refused(shop: None, key: str) -> None:
    with pytest.raises(InvalidInput):
        submit(a_buyer(), a_sku(), submit_key=key)


def test_a_changed_price_is_refused_with_the_new_amount(shop: None) -> None:
    member, sku = a_buyer(), a_sku()
    type(sku).objects.filter(pk=sku.pk).update(price_cents=20900)
    with pytest.raises(placing.PriceChanged) as refused:
        submit(member, sku)
    assert refused.value.facts["payable_cents"] == 20900
    assert refused.value.text == "价格或优惠有变化，现需支付 ¥209.00，请确认后重新提交"
    assert nothing_moved(member, sku)


def test_a_promotion_that_ended_is_a_changed_price(shop: None) -> None:
    member, sku = a_buyer(), a_sku()
    with pytest.raises(placing.PriceChanged) as refused:
        submit(member, sku, expected_payable_cents=18900)
    assert refused.value.facts["payable_cents"] == 19900


@pytest.mark.parametrize("change", ["product", "sku"])
def test_goods_that_left_the_shelf_are_refused_by_name(shop: None, change: str) -> None:
    member, sku = a_buyer(), a_sku()
    if change == "product":
        type(sku.product).objects.update(is_on_sale=False)
    else:
        type(sku).objects.update(is_active=False)
    with pytest.raises(SkuGone, match="「明前龙井」已下架"):
        submit(member, sku)
    assert nothing_moved(member, sku)


def test_a_sku_that_never_was_is_gone(shop: None) -> None:
    member, sku = a_buyer(), a_sku()
    with pytest.raises(SkuGone):
        submit(member, sku, lines=[Wanted(sku_id=10**25, quantity=1)])


def test_more_than_is_left_is_refused_with_what_is_left(shop: None) -> None:
    member, sku = a_buyer(), a_sku(stock=2)
    with pytest.raises(OutOfStock, match="仅剩 2 件") as refused:
        submit(member, sku, lines=[Wanted(sku_id=sku.pk, quantity=3)])
    assert refused.value.facts["available"] == 2
    assert nothing_moved(member, sku, stock=2)


@pytest.mark.parametrize("quantity", [0, -1, 100, 10**20])
def test_quantities_out_of_range_are_refused(shop: None, quantity: int) -> None:
    member, sku = a_buyer(), a_sku(stock=1000)
    with pytest.raises(QuantityOutOfRange, match="数量须在 1 到 99 之间"):
        submit(member, sku, lines=[Wanted(sku_id=sku.pk, quantity=quantity)])
    assert nothing_moved(member, sku, stock=1000)


def test_one_sku_on_two_lines_counts_together(shop: None) -> None:
    member, sku = a_buyer(), a_sku(stock=1000)
    with pytest.raises(QuantityOutOfRange):
        submit(member, sku, lines=[Wanted(sku_id=sku.pk, quantity=60)] * 2)


@pytest.mark.parametrize("whose", ["nobody's", "another's"])
def test_an_address_that_is_missing_or_not_ones_own_is_refused(shop: None, whose: str) -> None:
    member, sku = a_buyer(), a_sku()
    address = None if whose == "nobody's" else address_of(a_buyer())
    with pytest.raises(placing.AddressMissing) as refused:
        submit(member, sku, address_id=address)
    assert refused.value.field == "address"
    assert nothing_moved(member, sku)


@pytest.mark.parametrize("points", [-100, 50, 150, 10000, 10**19])
def test_points_that_may_not_be_used_are_refused_with_what_may(shop: None, points: int) -> None:
    member, sku = a_buyer(points=500), a_sku()
    with pytest.raises(placing.PointsNotUsable) as refused:
        submit(member, sku, points=points)
    assert refused.value.facts == {"maximum": 500, "step": 100}
    assert nothing_moved(member, sku, points=500)


def test_a_frozen_member_cannot_buy(shop: None) -> None:
    member, sku = a_buyer(), a_sku()
    type(member).objects.filter(pk=member.pk).update(status="frozen")
    with pytest.raises(placing.MemberNotActive):
        submit(member, sku)
    assert nothing_moved(member, sku)


def test_a_note_that_is_too_long_is_refused_at_its_field(shop: None) -> None:
    with pytest.raises(InvalidInput) as refused:
        submit(a_buyer(), a_sku(), buyer_note="谢" * 101)
    assert refused.value.fields == {"buyer_note": "留言最多 100 字"}


def test_an_empty_cart_cannot_be_submitted(shop: None) -> None:
    with pytest.raises(CartEmpty):
        submit(a_buyer(), a_sku(), lines=CART)


def test_submitting_the_cart_takes_the_selected_lines_out_of_it(shop: None) -> None:
    member, tea, cup = a_buyer(), a_sku(), a_sku(price_cents=5000, name="茶杯")
    with transaction.atomic():
        carts.add_to_cart(member_id=member.pk, sku_id=tea.pk, quantity=1, at=AT)
        carts.add_to_cart(member_id=member.pk, sku_id=cup.pk, quantity=1, at=AT)
        unselected = CartLine.objects.get(member=member, sku=cup)
        carts.set_selected(member_id=member.pk, line_ids=[unselected.pk], is_selected=False)
    placed = submit(member, tea, lines=CART)
    assert list(OrderLine.objects.filter(order=placed.order_id).values_list("sku_id", flat=True)) == [tea.pk]
    assert list(CartLine.objects.values_list("sku_id", flat=True)) == [cup.pk]


def test_buying_at_once_leaves_the_cart_alone(shop: None) -> None:
    member, sku = a_buyer(), a_sku()
    with transaction.atomic():
        carts.add_to_cart(member_id=member.pk, sku_id=sku.pk, quantity=3, at=AT)
    submit(member, sku)
    assert CartLine.objects.get(member=member).quantity == 3


@override_settings(POLICIES={"points_deduction_max_percent": 100})
def test_an_order_that_points_pay_whole_is_paid_at_once(shop: None) -> None:
    member, sku = a_buyer(points=20000), a_sku()
    placed = place(member, (sku, 1), points=19900)
    assert (placed.status, placed.payable_cents) == ("paid", 0)
    assert points_of(member) == (100, 0)
    assert shelf(sku) == (9, 0)
    assert facts_of(placed.order_id) == ["OrderPlaced", "OrderPaid"]


def test_a_walk_in_needs_no_address_and_completes_when_paid(shop: None) -> None:
    sku = a_sku(price_cents=3000)
    with transaction.atomic():
        placed = placing.place_order(
            member_id=None,
            lines=[Wanted(sku_id=sku.pk, quantity=1)],
            address_id=None,
            points=0,
            channel="pos",
            submit_key="till-1",
            expected_payable_cents=3000,
            store_id=Store.objects.get(is_default=True).pk,
            at=AT,
        )
    pay(placed.order_id)
    order = Order.objects.get(pk=placed.order_id)
    assert (order.status, order.member_id, order.freight_cents) == ("completed", None, 0)
    assert order.judged_as["tier_code"] is None
    assert facts_of(order.pk) == ["OrderPlaced", "OrderPaid", "OrderCompleted"]


def test_a_walk_in_at_home_has_nowhere_to_ship_to(shop: None) -> None:
    sku = a_sku()
    with transaction.atomic(), pytest.raises(placing.AddressMissing):
        placing.place_order(
            member_id=None,
            lines=[Wanted(sku_id=sku.pk, quantity=1)],
            address_id=1,
            points=0,
            channel="h5",
            submit_key="x",
            expected_payable_cents=19900,
            at=AT,
        )
