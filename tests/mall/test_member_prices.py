"""A SKU's own price for members with the benefit: shown, booked, kept on the line, refunded, and counted as saved."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from mall.models import Order, OrderLine, Sku
from mall.selectors import catalogue
from mall.selectors.baskets import Wanted
from mall.selectors.carts import cart
from mall.selectors.checkout import checkout
from mall.selectors.orders import order_detail
from mall.selectors.products import product_detail
from mall.services import carts, refunds
from mall.services.checkout import PriceChanged
from members.models import Benefit, Member, PlanBenefit, Tier
from members.selectors.plans import savings
from tests.mall.builders import AT, LATER, FakePromotions, a_buyer, a_paid_order, a_sku, place, receive, ship
from tests.members.plans.factories import a_plan, buy

pytestmark = pytest.mark.django_db


def with_member_price(cents: int, *, price_cents: int = 10000, **columns: object) -> Sku:
    sku = a_sku(price_cents=price_cents, **columns)
    Sku.objects.filter(pk=sku.pk).update(member_price_cents=cents)
    return sku


@pytest.fixture
def diamond(shop: None) -> Member:
    """95 折, and the benefit of member prices."""
    Benefit.objects.create(tier=Tier.objects.get(code="diamond"), kind="member_price", title="会员价")
    return a_buyer(tier="diamond")


def a_subscriber() -> Member:
    """A bronze member of a plan that gives member prices and nothing else."""
    plan, member = a_plan(), a_buyer()
    PlanBenefit.objects.filter(plan=plan).delete()
    PlanBenefit.objects.create(plan=plan, kind="member_price", title="会员价")
    buy(plan, member_id=member.pk, order=1, at=AT - timedelta(days=1))
    return member


@pytest.mark.parametrize("cents", [0, -1, 10001])
def test_the_database_refuses_a_member_price_out_of_range(shop: None, cents: int) -> None:
    sku = a_sku(price_cents=10000)
    with pytest.raises(IntegrityError, match="sku_member_price_in_range"), transaction.atomic():
        Sku.objects.filter(pk=sku.pk).update(member_price_cents=cents)


def test_the_shelf_shows_who_has_it_their_price_and_others_what_it_would_be(diamond: Member) -> None:
    sku = with_member_price(8800)
    shown = []
    for member_id in (None, a_buyer().pk, diamond.pk):
        (card,) = catalogue.feed(at=AT, member_id=member_id).products
        offer = product_detail(product_id=sku.product_id, channel="h5", at=AT, member_id=member_id).offer
        assert (card.price_cents, card.member_price_cents) == (offer.price_cents, offer.member_price_cents)
        shown.append((card.price_cents, card.list_price_cents, card.member_price_cents, card.is_member_price))
    assert shown == [(10000, None, 8800, False), (10000, None, 8800, False), (8800, 10000, 8800, True)]


def test_the_cheapest_sku_of_a_card_is_the_viewers_cheapest(diamond: Member) -> None:
    sku = with_member_price(7000)
    cheap = Sku.objects.create(product=sku.product, code="cheap", price_cents=9000)
    cheap.stocks.create(store_id=sku.stocks.get().store_id, available=3)
    (visitor,), (mine,) = (catalogue.feed(at=AT, member_id=one).products for one in (None, diamond.pk))
    assert (visitor.sku_id, mine.sku_id) == (cheap.pk, sku.pk)


def test_cart_checkout_and_order_agree_and_the_line_keeps_the_price(diamond: Member) -> None:
    best, worse = with_member_price(8800), with_member_price(9900, name="茶杯")
    with transaction.atomic():
        carts.add_to_cart(member_id=diamond.pk, sku_id=best.pk, quantity=2, at=AT)
    (row,) = cart(member_id=diamond.pk, channel="h5", at=AT).rows
    assert (row.price_cents, row.seen_price_cents, row.ordinary_price_cents, row.is_member_price) == (
        8800,
        8800,
        10000,
        True,
    )
    wanted = [Wanted(sku_id=best.pk, quantity=2), Wanted(sku_id=worse.pk, quantity=1)]
    shown = checkout(member_id=diamond.pk, lines=wanted, channel="h5", at=AT)
    assert [(one.price_cents, one.is_member_price) for one in shown.rows] == [(8800, True), (9500, False)]
    placed = place(diamond, (best, 2), (worse, 1))
    assert placed.payable_cents == shown.priced.payable_cents == 27100
    lines = OrderLine.objects.filter(order=placed.order_id).order_by("pk")
    assert list(lines.values_list("unit_price_cents", "member_price_cents", "discount_cents", "paid_cents")) == [
        (10000, 8800, 2400, 17600),
        (10000, None, 500, 9500),
    ]
    Sku.objects.update(member_price_cents=None)
    kept = order_detail(member_id=diamond.pk, number=placed.number)
    assert [(line.member_price_cents, line.paid_cents) for line in kept.lines] == [(8800, 17600), (None, 9500)]
    assert [(step.label, step.cents) for step in kept.steps[1:3]] == [
        ("钻石会员 95 折", -500),
        ("钻石会员 会员价", -2400),
    ]


def test_who_loses_the_benefit_before_placing_is_shown_the_new_price(diamond: Member, monkeypatch) -> None:
    sku = with_member_price(8800)
    seen = checkout(member_id=diamond.pk, lines=[Wanted(sku_id=sku.pk, quantity=1)], channel="h5", at=AT)
    Benefit.objects.filter(kind="member_price").delete()
    monkeypatch.setattr("tests.mall.builders.checkout", lambda **asked: seen)
    with pytest.raises(PriceChanged) as refused:
        place(diamond, (sku, 1))
    assert refused.value.facts["payable_cents"] == 9500


def test_money_off_is_taken_from_what_the_member_pays(diamond: Member, promotions: FakePromotions) -> None:
    promotions.off = 1000
    shown = checkout(
        member_id=diamond.pk,
        lines=[Wanted(sku_id=with_member_price(8800, price_cents=12000).pk, quantity=2)],
        channel="h5",
        at=AT,
    )
    assert (shown.priced.discount_cents, shown.priced.payable_cents) == (6400 + 1000, 16600)


def test_refunds_piece_by_piece_return_exactly_what_was_paid(diamond: Member, promotions: FakePromotions) -> None:
    promotions.off = 1001
    order = a_paid_order(diamond, (with_member_price(8801), 3), (with_member_price(9900, name="茶杯"), 2))
    lines = list(OrderLine.objects.filter(order=order).order_by("pk"))
    back = []
    for number, line in enumerate([lines[0], lines[1], lines[0], lines[0], lines[1]]):
        with transaction.atomic():
            done = refunds.refund(order_id=order.pk, lines={line.pk: 1}, key=f"r{number}", reason="不合适", at=LATER)
        back.append(done.cash_cents)
    paid = 3 * 8801 - 1001 + 2 * 9500
    assert (sum(back), order.payable_cents - order.freight_cents) == (paid, paid)
    assert Order.objects.get(pk=order.pk).refunded_cents == order.payable_cents


def test_what_a_plans_member_price_saves_is_counted_and_taken_back(shop: None) -> None:
    member, sku = a_subscriber(), with_member_price(8000)
    order = a_paid_order(member, (sku, 2))
    assert order.quote["plan_saving"]["discount_cents"] == 4000
    ship(order.pk)
    receive(order.pk)
    assert [(row.kind, row.cents) for row in savings(member_id=member.pk).rows] == [("discount", 4000)]
    line = OrderLine.objects.get(order=order)
    with transaction.atomic():
        refunds.refund(order_id=order.pk, lines={line.pk: 1}, key="half", reason="不合适", at=LATER)
    assert [(row.kind, row.cents) for row in savings(member_id=member.pk).rows] == [("discount", 2000)]


def test_a_plan_saved_only_what_the_tier_would_not_have(shop: None) -> None:
    member, sku = a_subscriber(), with_member_price(8000)
    Benefit.objects.create(tier=Tier.objects.get(code="bronze"), kind="discount", value=Decimal("0.9"), title="9 折")
    assert a_paid_order(member, (sku, 1)).quote["plan_saving"]["discount_cents"] == 1000


@pytest.mark.parametrize(("tier", "cents", "own"), [("bronze", 10000, 10000), ("diamond", 9500, 9500)])
def test_a_member_price_no_lower_than_what_one_pays_anyway_is_not_shown(
    diamond: Member, tier: str, cents: int, own: int
) -> None:
    sku = with_member_price(cents)
    viewer = diamond if tier == "diamond" else a_buyer(tier=tier)
    (card,) = catalogue.feed(at=AT, member_id=viewer.pk).products
    offer = product_detail(product_id=sku.product_id, channel="h5", at=AT, member_id=viewer.pk).offer
    shown = [(one.price_cents, one.member_price_cents, one.is_member_price) for one in (card, offer)]
    assert shown == [(own, None, False)] * 2


def test_lists_sorted_by_price_go_by_what_the_viewer_pays(diamond: Member) -> None:
    with_member_price(5000, price_cents=10000, name="龙井")
    a_sku(price_cents=8000, name="碧螺春")
    for viewer, prices in ((a_buyer(), [8000, 10000]), (diamond, [5000, 7600])):
        found: list[int] = []
        cursor = ""
        for _ in prices:
            page = catalogue.feed(at=AT, member_id=viewer.pk, sort="price", cursor=cursor, limit=1)
            found += [card.price_cents for card in page.products]
            cursor = page.next_cursor
        assert (found, cursor) == (prices, "")
        down = catalogue.feed(at=AT, member_id=viewer.pk, sort="-price").products
        assert [card.price_cents for card in down] == prices[::-1]


def test_a_plans_discount_goes_by_the_plans_name(shop: None) -> None:
    sku, member = a_sku(price_cents=10000), a_buyer()
    buy(a_plan(), member_id=member.pk, order=1, at=AT - timedelta(days=1))
    offer = product_detail(product_id=sku.product_id, channel="h5", at=AT, member_id=member.pk).offer
    assert (offer.price_cents, offer.label) == (9000, "年度会员价")


@pytest.mark.parametrize(("back", "left"), [("茶杯", [("discount", 5000)]), ("明前龙井", [])])
def test_what_goes_back_takes_along_what_was_saved_on_it_and_nothing_else(
    shop: None, back: str, left: list[tuple[str, int]]
) -> None:
    member = a_subscriber()
    order = a_paid_order(member, (with_member_price(5000), 1), (a_sku(price_cents=10000, name="茶杯"), 1))
    ship(order.pk)
    receive(order.pk)
    line = OrderLine.objects.get(order=order, product_name=back)
    with transaction.atomic():
        refunds.refund(order_id=order.pk, lines={line.pk: 1}, key="one", reason="不合适", at=LATER)
    assert [(row.kind, row.cents) for row in savings(member_id=member.pk).rows] == left
