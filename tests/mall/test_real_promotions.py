"""The mall with the campaigns that really fill its socket: pages show the prices that are booked."""

from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from campaigns.services.presets import install_presets
from campaigns.services.promotions import CampaignPromotions
from mall import ports
from mall.models import Order
from mall.selectors.baskets import Wanted
from mall.selectors.checkout import checkout
from mall.selectors.products import product_detail, product_offer
from mall.selectors.rewards import reward_detail, rewards
from tests.mall.builders import AT, a_buyer, a_paid_order, a_sku, points_of, redeem

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def presets(shop: None, promotions: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """The shop's presets are live; the day is a Wednesday, on which redemption costs 8 折."""
    monkeypatch.setattr(ports, "_promotions", CampaignPromotions())
    with transaction.atomic():
        install_presets(at=AT)


def queries(act: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as captured:
        act()
    return len(captured)


def test_a_basket_of_199_yuan_is_10_cheaper_and_says_what_it_earns() -> None:
    member = a_buyer(tier="gold")
    order = a_paid_order(member, (a_sku(price_cents=19900), 1))
    assert [(step["label"], step["cents"]) for step in order.quote["steps"]] == [
        ("商品金额", 19900),
        ("满 100 减 10", -1000),
        ("运费（黄金会员包邮）", 0),
    ]
    # 189 yuan paid on a Wednesday by a gold member: 189 × 1.5 × 2
    assert order.quote["earn_points"] == 567


def test_the_points_mall_the_reward_the_checkout_and_the_order_agree() -> None:
    member = a_buyer(points=1000)
    skus = [a_sku(name=name, redeem_points=points) for name, points in (("甲", 333), ("乙", 77), ("丙", 1))]
    page = {card.sku_id: card.points for card in rewards(channel="h5", at=AT, member_id=member.pk).rewards}
    for sku in skus:
        (choice,) = reward_detail(product_id=sku.product_id, channel="h5", at=AT, member_id=member.pk).skus
        lines = [Wanted(sku_id=sku.pk, quantity=1)]
        shown = checkout(member_id=member.pk, lines=lines, kind="redemption", channel="h5", at=AT)
        assert page[sku.pk] == choice.points == shown.priced.points_spent
        placed = redeem(member, sku, points=page[sku.pk])
        assert Order.objects.get(pk=placed.order_id).points_spent == page[sku.pk]
    assert points_of(member) == (1000 - sum(page.values()), 0)


def test_real_campaigns_cost_no_query_per_product() -> None:
    member = a_buyer(tier="gold", points=100)
    first = a_sku(redeem_points=100)
    for _ in range(2):
        a_sku(redeem_points=100)
    pages: list[Callable[[], object]] = [
        lambda: rewards(channel="h5", at=AT, member_id=member.pk, limit=100),
        lambda: reward_detail(product_id=first.product_id, channel="h5", at=AT, member_id=member.pk),
        lambda: product_detail(product_id=first.product_id, channel="h5", at=AT, member_id=member.pk),
        lambda: product_offer(sku_id=first.pk, channel="h5", at=AT, member_id=member.pk),
    ]
    three = [queries(page) for page in pages]
    for _ in range(57):
        a_sku(redeem_points=100)
    assert len(rewards(channel="h5", at=AT, limit=100).rewards) == 60
    assert [queries(page) for page in pages] == three
