"""The cart: what goes in, what is refused, and what its page says."""

from datetime import timedelta

import pytest
from django.db import transaction

from config.core.errors import NotFound
from mall.models import CartLine, Sku, Stock
from mall.selectors.baskets import OutOfStock, QuantityOutOfRange, SkuGone
from mall.selectors.carts import cart, cart_count
from mall.services import carts
from tests.mall.builders import AT, a_buyer, a_sku

pytestmark = pytest.mark.django_db


def add(member, sku, quantity: int = 1, *, at=AT) -> int:
    with transaction.atomic():
        return carts.add_to_cart(member_id=member.pk, sku_id=sku.pk, quantity=quantity, at=at)


def only_line(member) -> CartLine:
    return CartLine.objects.get(member=member)


def test_adding_twice_adds_up_and_says_how_many_units_there_are(shop: None) -> None:
    member, tea, cup = a_buyer(), a_sku(), a_sku(name="茶杯")
    assert [add(member, tea, 2), add(member, cup), add(member, tea, 3)] == [2, 3, 6]
    assert cart_count(member_id=member.pk) == 6


def test_more_than_the_shelf_holds_is_refused_also_in_two_steps(shop: None) -> None:
    member, sku = a_buyer(), a_sku(stock=3)
    with pytest.raises(OutOfStock):
        add(member, sku, 4)
    add(member, sku, 2)
    with pytest.raises(OutOfStock, match="仅剩 3 件"):
        add(member, sku, 2)
    assert only_line(member).quantity == 2


def test_more_than_an_order_may_hold_is_refused_also_in_two_steps(shop: None) -> None:
    member, sku = a_buyer(), a_sku(stock=1000)
    add(member, sku, 60)
    with pytest.raises(QuantityOutOfRange, match="1 到 99"):
        add(member, sku, 40)
    assert only_line(member).quantity == 60


@pytest.mark.parametrize("quantity", [0, -3, 100, 10**19])
def test_a_quantity_out_of_range_is_refused(shop: None, quantity: int) -> None:
    member, sku = a_buyer(), a_sku(stock=1000)
    with pytest.raises(QuantityOutOfRange):
        add(member, sku, quantity)
    add(member, sku)
    with pytest.raises(QuantityOutOfRange), transaction.atomic():
        carts.set_quantity(member_id=member.pk, line_id=only_line(member).pk, quantity=quantity, at=AT)
    assert only_line(member).quantity == 1


def test_goods_that_are_not_sold_do_not_go_in(shop: None) -> None:
    member, sku = a_buyer(), a_sku()
    Sku.objects.update(is_active=False)
    with pytest.raises(SkuGone, match="明前龙井"):
        add(member, sku)
    with pytest.raises(SkuGone), transaction.atomic():
        carts.add_to_cart(member_id=member.pk, sku_id=10**20, quantity=1, at=AT)


def test_another_members_line_is_not_found(shop: None) -> None:
    member, stranger = a_buyer(), a_buyer()
    add(member, a_sku())
    line = only_line(member)
    with pytest.raises(NotFound), transaction.atomic():
        carts.set_quantity(member_id=stranger.pk, line_id=line.pk, quantity=2, at=AT)
    with pytest.raises(NotFound), transaction.atomic():
        carts.set_selected(member_id=stranger.pk, line_ids=[line.pk], is_selected=False)
    with transaction.atomic():
        carts.remove_lines(member_id=stranger.pk, line_ids=[line.pk])
    line.refresh_from_db()
    assert (line.quantity, line.is_selected) == (1, True)


def test_a_cart_holds_so_many_different_goods_and_no_more(shop: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carts, "_MOST_LINES", 2)
    member = a_buyer()
    add(member, a_sku())
    add(member, a_sku())
    with pytest.raises(carts.CartFull, match="最多放 2 种"):
        add(member, a_sku())
    assert CartLine.objects.count() == 2


def test_the_page_prices_what_is_selected_and_names_every_problem(shop: None) -> None:
    member = a_buyer(tier="diamond")
    tea, cup, pot, cake = (a_sku(name=name, price_cents=10000) for name in ("茶", "杯", "壶", "糕"))
    for minute, sku in enumerate((tea, cup, pot, cake)):
        add(member, sku, 2, at=AT + timedelta(minutes=minute))
    Stock.objects.filter(sku=cup).update(available=1)
    Stock.objects.filter(sku=pot).update(available=0)
    Sku.objects.filter(pk=cake.pk).update(is_active=False)
    Sku.objects.filter(pk=tea.pk).update(price_cents=9000)
    view = cart(member_id=member.pk, channel="h5", at=AT)
    assert [(row.name, row.problem, row.is_gone) for row in view.rows] == [
        ("糕", "已下架", True),
        ("壶", "已售罄", False),
        ("杯", "仅剩 1 件", False),
        ("茶", "", False),
    ]
    assert (view.rows[-1].price_cents, view.rows[-1].seen_price_cents) == (8550, 9500)
    assert view.priced is not None
    assert (view.priced.payable_cents, view.selected_quantity, view.all_selected) == (17100, 2, True)


def test_with_nothing_selected_there_is_nothing_to_price(shop: None) -> None:
    member = a_buyer()
    add(member, a_sku())
    with transaction.atomic():
        carts.set_selected(member_id=member.pk, is_selected=False)
    view = cart(member_id=member.pk, channel="h5", at=AT)
    assert (view.priced, view.selected_quantity, view.all_selected) == (None, 0, False)
    assert cart(member_id=a_buyer().pk, channel="h5", at=AT).rows == []


def test_removed_lines_are_gone(shop: None) -> None:
    member = a_buyer()
    add(member, a_sku())
    with transaction.atomic():
        carts.remove_lines(member_id=member.pk, line_ids=[only_line(member).pk])
        carts.remove_lines(member_id=member.pk, line_ids=[1])
    assert cart_count(member_id=member.pk) == 0
