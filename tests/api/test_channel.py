"""Campaigns of the mini-program: what the shelves and the cart promise there is what an order books, and H5 has no part
in it."""

from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from campaigns.services.editing import CampaignValues, publish, save
from mall.models import Sku
from members.models import Address, Member
from tests.api.conftest import Api, Goods, give_points

pytestmark = pytest.mark.django_db


def a_campaign(trigger: str, effect: dict[str, Any]) -> None:
    at = timezone.now()
    values = CampaignValues(
        code=trigger.replace("_", "-"),
        name="小程序专享",
        description="小程序里更优惠",
        trigger=trigger,
        conditions=[{"kind": "channel_in", "channels": ["mini_program"]}],
        effects=[effect],
        stacking="best",
        starts_at=None,
        ends_at=None,
    )
    with transaction.atomic():
        publish(campaign_id=save(campaign_id=None, values=values, at=at), at=at, live_from=at)


@pytest.fixture
def h5(member: Member) -> Client:
    assert member.user is not None
    client = Client()
    client.force_login(member.user)
    return client


def test_cart_quote_and_order_agree_on_what_the_mini_program_costs(
    api: Api, h5: Client, goods: Goods, address: Address
):
    a_campaign("basket", {"kind": "money_off", "cents": 1500})
    a_campaign("order_completed", {"kind": "points_per_yuan", "points": 3})
    sku = goods(cents=20_000)
    cart = api.post("cart/lines/", {"sku_id": sku.pk, "quantity": 1}).json()["priced"]
    quote = api.post("checkout/", {}).json()["priced"]
    assert (cart["payable_cents"], cart["earn_points"]) == (18_500, 555)
    assert cart == quote
    assert api.get(f"products/{sku.product_id}/").json()["earn_points"] == 555
    body = {"address_id": address.pk, "expected_payable_cents": 18_500}
    assert h5.get("/cart/").context["payable_cents"] == 20_000
    assert api.post("orders/", body, headers={"Idempotency-Key": "k"}).json()["payable_cents"] == 18_500


def rail(api: Api) -> list[int]:
    (block,) = [one for one in api.get("pages/home/").json() if one["kind"] == "points_rail"]
    return [product["points"] for product in block["values"]["products"]]


def test_the_points_mall_asks_what_redeeming_takes(
    api: Api, h5: Client, member: Member, goods: Goods, address: Address
):
    give_points(member, 1000)
    a_campaign("redemption_basket", {"kind": "points_price_discount", "rate": "0.5"})
    sku: Sku = goods("茶礼", points=800)
    (card,) = api.get("rewards/").json()["items"]
    (choice,) = api.get(f"rewards/{sku.product_id}/").json()["skus"]
    assert (card["points"], choice["points"], rail(api)) == (400, 400, [400])
    assert h5.get(f"/points-mall/{sku.product_id}/").context["choice"]["points"] == 800
    body = {
        "sku_id": sku.pk,
        "quantity": 1,
        "address_id": address.pk,
        "expected_points": 400,
        "expected_payable_cents": 0,
    }
    placed = api.post("redemptions/", body, headers={"Idempotency-Key": "k"})
    assert (placed.status_code, placed.json()["status"]) == (201, "paid")
