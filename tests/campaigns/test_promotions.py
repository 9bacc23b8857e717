"""The mall's socket: what a basket costs less, what it will earn, with one query each."""

from decimal import Decimal

import pytest

from campaigns.services.promotions import CampaignPromotions
from mall import ports
from mall.ports import Basket, BasketLine, EarnPreview
from tests.campaigns.cases import THURSDAY, WEDNESDAY
from tests.campaigns.rows import a_campaign, presets_installed

pytestmark = pytest.mark.django_db
socket = CampaignPromotions()


def basket(*prices: int, kind: str = "sale", at=WEDNESDAY, points: int = 0, tier: str = "gold") -> Basket:
    lines = tuple(
        BasketLine(sku_id=n, product_id=n, category_id=1, quantity=2, unit_price_cents=price, unit_points=points)
        for n, price in enumerate(prices)
    )
    return Basket(
        kind=kind,
        member_id=1,
        tier_code=tier,
        points_multiplier=Decimal("1.5"),
        channel="h5",
        store_id=1,
        at=at,
        lines=lines,
    )


def test_campaigns_fill_the_malls_socket():
    assert isinstance(ports.promotions(), CampaignPromotions)


def test_a_basket_of_100_yuan_is_10_cheaper(django_assert_num_queries):
    presets_installed()
    with django_assert_num_queries(1):
        quote = socket.offers(at=WEDNESDAY).quote(basket(2500, 2500))
    assert [(one.label, one.line_amounts) for one in quote.promotions] == [("满 100 减 10", (500, 500))]


def test_a_smaller_basket_says_what_is_missing():
    presets_installed()
    quote = socket.offers(at=WEDNESDAY).quote(basket(4400))
    assert (quote.promotions, quote.nearly) == ((), ("再买 ¥12.00 可享「满 100 减 10」立减 10 元",))


def test_redeeming_on_a_wednesday_costs_80_percent(django_assert_num_queries):
    presets_installed()
    with django_assert_num_queries(1):
        quote = socket.offers(at=WEDNESDAY).quote(basket(0, kind="redemption", points=500))
    assert [one.line_amounts for one in quote.promotions] == [(200,)]
    assert socket.offers(at=THURSDAY).quote(basket(0, kind="redemption", points=500, at=THURSDAY)).promotions == ()


def test_the_preview_is_what_the_order_will_earn(django_assert_num_queries):
    presets_installed()
    with django_assert_num_queries(1):
        preview = socket.offers(at=WEDNESDAY).preview_earn(basket(19900), cash_cents=19900)
    assert preview == EarnPreview(points=597, growth=199)


def test_a_redemption_will_earn_nothing():
    presets_installed()
    assert socket.offers(at=WEDNESDAY).preview_earn(
        basket(100, kind="redemption", points=5), cash_cents=100
    ) == EarnPreview(points=0, growth=0)


def test_a_campaign_for_a_tier_is_quoted_to_that_tier_alone():
    a_campaign(
        trigger="basket",
        conditions=[{"kind": "tier_in", "tiers": ["gold"]}],
        effects=[{"kind": "money_off", "cents": 300}],
    )
    assert [one.line_amounts for one in socket.offers(at=WEDNESDAY).quote(basket(1000)).promotions] == [(300,)]
    assert socket.offers(at=WEDNESDAY).quote(basket(1000, tier="silver")).promotions == ()
