"""Goods that points pay, alone or with cash."""

import pytest
from django.db import transaction

from mall.models import Order
from mall.selectors.baskets import OutOfStock, SkuGone
from mall.selectors.rewards import reward_detail, rewards
from mall.services import checkout as placing
from mall.services import orders
from tests.mall.builders import (
    AT,
    LATER,
    FakePromotions,
    a_buyer,
    a_sku,
    facts_of,
    pay,
    points_of,
    redeem,
    shelf,
)

pytestmark = pytest.mark.django_db


def test_goods_for_points_alone_are_paid_at_once(shop: None) -> None:
    member, sku = a_buyer(points=5000), a_sku(redeem_points=3000)
    placed = redeem(member, sku, points=3000)
    order = Order.objects.get(pk=placed.order_id)
    assert (placed.status, order.kind, order.points_spent, order.payable_cents, order.freight_cents) == (
        "paid",
        "redemption",
        3000,
        0,
        0,
    )
    assert (points_of(member), shelf(sku)) == ((2000, 0), (9, 0))
    assert facts_of(order.pk) == ["OrderPlaced", "OrderPaid"]


def test_points_of_goods_with_a_cash_part_are_held_until_it_is_paid(shop: None) -> None:
    member, sku = a_buyer(points=5000), a_sku(redeem_points=3000, redeem_cash_cents=990)
    placed = redeem(member, sku, points=3000, cash_cents=990)
    assert (placed.status, placed.payable_cents, points_of(member)) == ("created", 990, (2000, 3000))
    pay(placed.order_id)
    assert points_of(member) == (2000, 0)


def test_a_cancelled_redemption_gives_the_points_back(shop: None) -> None:
    member, sku = a_buyer(points=3000), a_sku(redeem_points=3000, redeem_cash_cents=990)
    placed = redeem(member, sku, points=3000, cash_cents=990)
    with transaction.atomic():
        orders.cancel(order_id=placed.order_id, at=LATER)
    assert (points_of(member), shelf(sku)) == ((3000, 0), (10, 0))


def test_on_a_discount_day_fewer_points_are_taken(shop: None, promotions: FakePromotions) -> None:
    promotions.off, promotions.label = 600, "会员日 8 折"
    member, sku = a_buyer(points=2400), a_sku(redeem_points=3000)
    with pytest.raises(placing.PriceChanged) as refused:
        redeem(member, sku, points=2000)
    assert refused.value.text == "价格或优惠有变化，现需支付 2,400 积分 + ¥0.00，请确认后重新提交"
    assert redeem(member, sku, points=2400).status == "paid"
    assert points_of(member) == (0, 0)


def test_too_few_points_are_refused_with_how_many_are_missing(shop: None) -> None:
    member, sku = a_buyer(points=2500), a_sku(redeem_points=3000)
    with pytest.raises(placing.NotEnoughPoints, match="还差 500 积分") as refused:
        redeem(member, sku, points=3000)
    assert refused.value.facts == {"available": 2500, "required": 3000, "missing": 500}
    assert (Order.objects.count(), points_of(member), shelf(sku)) == (0, (2500, 0), (10, 0))


def test_goods_that_points_do_not_buy_are_gone(shop: None) -> None:
    with pytest.raises(SkuGone):
        redeem(a_buyer(points=9999), a_sku(), points=0, cash_cents=0)


def test_redemptions_reserve_stock_like_sales(shop: None) -> None:
    with pytest.raises(OutOfStock):
        redeem(a_buyer(points=9999), a_sku(redeem_points=10, stock=1), quantity=2, points=20)


def test_a_reward_need_not_be_on_sale(shop: None) -> None:
    member, sku = a_buyer(points=100), a_sku(redeem_points=100)
    type(sku.product).objects.update(is_on_sale=False)
    assert redeem(member, sku, points=100).status == "paid"


def test_the_points_mall_shows_the_price_of_this_moment(shop: None, promotions: FakePromotions) -> None:
    promotions.off = 600
    member, sku = a_buyer(points=50), a_sku(redeem_points=3000, redeem_cash_cents=990)
    a_sku(name="不可兑换")
    page = rewards(channel="h5", at=AT, member_id=member.pk)
    assert [(card.name, card.points, card.base_points, card.cash_cents, card.worth_cents) for card in page.rewards] == [
        ("明前龙井", 2400, 3000, 990, 19900)
    ]
    assert (page.balance, page.next_cursor) == (50, "")
    detail = reward_detail(product_id=sku.product_id, channel="h5", at=AT)
    assert [(choice.points, choice.available) for choice in detail.skus] == [(2400, 10)]
    assert detail.balance is None
