"""What members see of their orders, and what campaigns are told of any order."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from config.core.errors import InvalidInput, NotFound
from mall.models import Order, OrderLine
from mall.selectors.baskets import CART, Wanted
from mall.selectors.carts import cart
from mall.selectors.checkout import MAX_POINTS, checkout
from mall.selectors.judgement import judgement
from mall.selectors.orders import order_counts, order_detail, order_id_of, order_list
from mall.selectors.payments import cashier
from mall.services import carts, orders, refunds
from tests.mall.builders import (
    AT,
    LATER,
    FakePromotions,
    a_buyer,
    a_paid_order,
    a_sku,
    address_of,
    pay,
    place,
    receive,
    ship,
)

pytestmark = pytest.mark.django_db


def test_the_list_goes_newest_first_and_pages_by_number(shop: None) -> None:
    member, sku = a_buyer(), a_sku(stock=50)
    numbers = [place(member, (sku, 1)).number for _ in range(5)]
    place(a_buyer(), (sku, 1))
    first = order_list(member_id=member.pk, limit=3)
    rest = order_list(member_id=member.pk, limit=3, cursor=first.next_cursor)
    assert [card.number for card in first.orders + rest.orders] == numbers[::-1]
    assert (first.next_cursor, rest.next_cursor) == (numbers[2], "")


def test_a_cursor_or_tab_nobody_offers_is_refused(shop: None) -> None:
    stranger = place(a_buyer(), (a_sku(), 1))
    member = a_buyer()
    for cursor in ("x", stranger.number):
        with pytest.raises(InvalidInput):
            order_list(member_id=member.pk, cursor=cursor)
    with pytest.raises(InvalidInput):
        order_list(member_id=member.pk, status="weird")


def test_tabs_and_their_counts_agree(shop: None) -> None:
    member, sku = a_buyer(), a_sku(stock=50)
    place(member, (sku, 1))
    paid, shipped, done, refunded = (a_paid_order(member, (sku, 1)) for _ in range(4))
    for order in (shipped, done, refunded):
        ship(order.pk)
    for order in (done, refunded):
        receive(order.pk)
    with transaction.atomic():
        refunds.refund(order_id=refunded.pk, lines={refunded.lines.get().pk: 1}, key="r", reason="", at=LATER)
        orders.cancel(order_id=place(member, (sku, 1)).order_id, at=LATER)
    counts = order_counts(member_id=member.pk)
    assert (counts.created, counts.paid, counts.shipped, counts.completed, counts.refunded) == (1, 1, 1, 2, 1)
    tabs = {tab: len(order_list(member_id=member.pk, status=tab).orders) for tab in ("created", "paid", "shipped")}
    assert tabs == {"created": 1, "paid": 1, "shipped": 1}
    assert [card.number for card in order_list(member_id=member.pk, status="paid").orders] == [paid.number]
    assert len(order_list(member_id=member.pk, status="cancelled").orders) == 1
    assert len(order_list(member_id=member.pk, status="refunded").orders) == 1


def test_a_card_says_what_its_member_can_do(shop: None) -> None:
    member, sku = a_buyer(), a_sku()
    placed = place(member, (sku, 2))
    (card,) = order_list(member_id=member.pk).orders
    assert (card.status_label, card.can_pay, card.can_cancel, card.can_confirm) == ("待付款", True, True, False)
    assert (card.quantity, [(line.product_name, line.sku_label) for line in card.lines]) == (2, [("明前龙井", "标准")])
    pay(placed.order_id)
    ship(placed.order_id)
    (card,) = order_list(member_id=member.pk).orders
    assert (card.status_label, card.can_pay, card.can_confirm) == ("待收货", False, True)


def test_the_detail_tells_amounts_parcels_and_refunds(shop: None, promotions: FakePromotions) -> None:
    promotions.off = 1000
    member = a_buyer(points=500)
    order = a_paid_order(member, (a_sku(), 2), points=500)
    ship(order.pk)
    with transaction.atomic():
        refunds.refund(order_id=order.pk, lines={order.lines.get().pk: 2}, key="r", reason="破损", at=LATER)
    detail = order_detail(member_id=member.pk, number=order.number)
    assert [(step.label, step.cents) for step in detail.steps] == [
        ("商品金额", 39800),
        ("满100减10", -1000),
        ("积分抵扣（500 积分）", -500),
        ("运费（满 99 元包邮）", 0),
    ]
    assert (detail.status, detail.status_label, detail.earn_points) == ("cancelled", "已退款", 383)
    assert (detail.recipient, detail.recipient_phone, detail.address) == ("王小杉", "138****0001", "龙井路 1 号")
    assert [parcel.tracking_no for parcel in detail.shipments] == ["SF1234567890"]
    assert [(back.cash_cents, back.points, back.reason) for back in detail.refunds] == [(38300, 500, "破损")]


def test_another_members_order_is_not_found(shop: None) -> None:
    placed, stranger = place(a_buyer(), (a_sku(), 1)), a_buyer().pk
    with pytest.raises(NotFound):
        order_detail(member_id=stranger, number=placed.number)
    with pytest.raises(NotFound):
        order_id_of(member_id=stranger, number=placed.number)
    with pytest.raises(NotFound):
        cashier(member_id=stranger, number=placed.number, at=AT)


def test_the_cashier_closes_when_the_time_is_up(shop: None) -> None:
    member = a_buyer()
    placed = place(member, (a_sku(), 1))
    order = Order.objects.get(pk=placed.order_id)
    view = cashier(member_id=member.pk, number=placed.number, at=AT)
    assert (view.payable_cents, view.can_pay, view.providers) == (19900, True, [("sandbox", "沙箱支付（演示）")])
    assert not cashier(member_id=member.pk, number=placed.number, at=order.expires_at).can_pay


def test_the_checkout_page_offers_as_many_points_as_may_be_used(shop: None) -> None:
    member, sku = a_buyer(points=50000), a_sku(price_cents=10000)
    lines = [Wanted(sku_id=sku.pk, quantity=1)]
    view = checkout(member_id=member.pk, lines=lines, points=MAX_POINTS, channel="h5", at=AT)
    assert (view.priced.points_spent, view.priced.payable_cents) == (5000, 5000)
    assert [(row.name, row.quantity, row.price_cents) for row in view.rows] == [("明前龙井", 1, 10000)]


def test_sixty_lines_cost_no_more_queries_than_three(shop: None) -> None:
    member, skus = a_buyer(), [a_sku(price_cents=100) for _ in range(60)]
    address_of(member)

    def counts() -> list[int]:
        found = []
        number = Order.objects.filter(member=member).latest("pk").number
        for act in (
            lambda: order_list(member_id=member.pk, limit=100),
            lambda: order_detail(member_id=member.pk, number=number),
            lambda: cart(member_id=member.pk, channel="h5", at=AT),
            lambda: checkout(member_id=member.pk, lines=CART, channel="h5", at=AT),
            lambda: judgement(order_id=order_id_of(member_id=member.pk, number=number)),
        ):
            with CaptureQueriesContext(connection) as captured:
                act()
            found.append(len(captured))
        return found

    def fill(some) -> None:
        with transaction.atomic():
            for sku in some:
                carts.add_to_cart(member_id=member.pk, sku_id=sku.pk, quantity=1, at=AT)
        place(member, *((sku, 1) for sku in some))

    fill(skus[:3])
    three = counts()
    fill(skus)
    assert OrderLine.objects.count() == 63
    assert counts() == three


def test_campaigns_are_told_who_what_when_and_how_much(shop: None, promotions: FakePromotions) -> None:
    promotions.off = 1000
    member, sku = a_buyer(tier="silver", points=500), a_sku()
    order = a_paid_order(member, (sku, 2), points=500)
    ship(order.pk)
    receive(order.pk)
    facts = judgement(order_id=order.pk)
    assert (facts.member_id, facts.channel, facts.kind, facts.status) == (member.pk, "h5", "sale", "completed")
    assert (facts.paid_at, facts.completed_at) == (LATER, LATER)
    assert (facts.tier_code, facts.tier_name, str(facts.points_multiplier)) == ("silver", "白银会员", "1.20")
    assert (facts.goods_paid_cents, facts.earn_base_cents) == (38300, 38300)
    (line,) = facts.lines
    assert (line.sku_id, line.product_id, line.category_id) == (sku.pk, sku.product_id, sku.product.category_id)
    assert (line.quantity, line.goods_cents, line.paid_cents) == (2, 39800, 38300)


def test_freight_is_no_part_of_what_an_order_earns_on(shop: None) -> None:
    order = a_paid_order(a_buyer(), (a_sku(price_cents=3000), 1))
    assert (order.payable_cents, judgement(order_id=order.pk).earn_base_cents) == (3800, 3000)


def test_the_judgement_of_no_order_is_not_found(shop: None) -> None:
    with pytest.raises(NotFound):
        judgement(order_id=0)
