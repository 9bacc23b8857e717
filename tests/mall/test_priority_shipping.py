"""Orders of members with priority shipping: marked when placed, first in the warehouse's list, said to the member."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction
from django.test import Client

from mall.models import Order
from mall.selectors.orders import order_detail, order_list
from mall.services import orders
from members.models import Benefit, Tier
from tests.mall.builders import LATER, a_buyer, a_sku, pay, place, redeem, ship
from tests.mall_h5.conftest import client_of, new_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def benefit(shop: None) -> Benefit:
    return Benefit.objects.create(tier=Tier.objects.get(code="gold"), kind="priority_shipping", title="优先发货")


def test_the_mark_is_made_when_the_order_is_placed_and_stays(benefit: Benefit) -> None:
    gold, silver, sku = a_buyer(tier="gold", points=5000), a_buyer(tier="silver"), a_sku(redeem_points=3000)
    before = place(gold, (sku, 1))
    redeemed = redeem(gold, sku, points=3000)
    other = place(silver, (sku, 1))
    benefit.delete()
    pay(before.order_id)
    late = place(gold, (sku, 1))
    marks = dict(Order.objects.values_list("pk", "is_priority"))
    assert [marks[one.order_id] for one in (before, redeemed, other, late)] == [True, True, False, False]


def test_the_member_reads_it_in_the_list_and_on_the_order(benefit: Benefit) -> None:
    gold = a_buyer(tier="gold")
    number = place(gold, (a_sku(), 1)).number
    assert order_detail(member_id=gold.pk, number=number).is_priority
    assert [card.is_priority for card in order_list(member_id=gold.pk).orders] == [True]


def test_pages_carry_the_tag(benefit: Benefit) -> None:
    signed_in = new_member(phone="13800000004")
    member = a_buyer(tier="gold")
    number = place(member, (a_sku(), 1)).number
    Order.objects.filter(number=number).update(member=signed_in)
    client = client_of(signed_in)
    for path in ("/orders/", f"/orders/{number}/"):
        assert "优先发货" in client.get(path).content.decode(), path


def test_the_warehouse_ships_marked_orders_first_then_the_oldest(benefit: Benefit) -> None:
    sku, gold, silver = a_sku(), a_buyer(tier="gold"), a_buyer(tier="silver")
    placed = [place(member, (sku, 1)) for member in (silver, silver, gold, gold)]
    for minute, one in zip((3, 1, 4, 2), placed, strict=True):
        pay(one.order_id, at=LATER + timedelta(minutes=minute))
    shipped = place(gold, (sku, 1))
    pay(shipped.order_id)
    ship(shipped.order_id)
    owner = Client()
    owner.force_login(get_user_model().objects.create_superuser("owner", password="x"))

    def listed(query: str) -> list[int]:
        page = owner.get(f"/admin/mall/order/?{query}")
        return [row.pk for row in page.context["cl"].result_list]

    first_old, first_new, gold_late, gold_early = placed[1], placed[0], placed[3], placed[2]
    assert listed("status__exact=paid") == [one.order_id for one in (gold_late, gold_early, first_old, first_new)]
    assert set(listed("is_priority__exact=1")) == {placed[2].order_id, placed[3].order_id, shipped.order_id}
    assert "优先发货" in owner.get("/admin/mall/order/").content.decode()


def test_what_was_shipped_or_cancelled_wears_no_tag_and_is_sorted_with_the_others(benefit: Benefit) -> None:
    gold, silver, sku = a_buyer(tier="gold"), a_buyer(tier="silver"), a_sku()
    shipped, waiting, ordinary, cancelled, unpaid = (
        place(member, (sku, 1)) for member in (gold, gold, silver, gold, gold)
    )
    for one in (shipped, waiting, ordinary):
        pay(one.order_id)
    ship(shipped.order_id)
    with transaction.atomic():
        orders.cancel(order_id=cancelled.order_id, at=LATER)
    owner = Client()
    owner.force_login(get_user_model().objects.create_superuser("owner", password="x"))

    def tagged(query: str = "") -> list[tuple[int, bool]]:
        page = owner.get(f"/admin/mall/order/?{query}").context["cl"]
        return [(row.pk, "优先发货" in page.model_admin.haste(row)) for row in page.result_list]

    assert {pk for pk, is_tagged in tagged() if is_tagged} == {waiting.order_id}
    assert owner.get("/admin/mall/order/").content.decode().count('class="mall-first"') == 1
    column = owner.get("/admin/mall/order/").context["cl"].list_display.index("haste")
    assert tagged(f"o=-{column}")[0] == (waiting.order_id, True)
    assert tagged(f"o={column}")[-1] == (waiting.order_id, True)
    cards = {card.number: card.ships_first for card in order_list(member_id=gold.pk).orders}
    assert cards == {
        shipped.number: False,
        waiting.number: True,
        cancelled.number: False,
        unpaid.number: True,
    }
    assert not order_detail(member_id=gold.pk, number=shipped.number).ships_first
    assert order_detail(member_id=gold.pk, number=shipped.number).is_priority
