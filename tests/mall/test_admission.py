"""Who may buy a product and from when: some members alone, some members earlier; asked in the cart and when placing."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from mall.models import CartLine, Order, Product, Sku
from mall.rules.admission import Admission, Entrant, access
from mall.selectors import catalogue
from mall.selectors.admission import ExclusiveProduct, NotOnSaleYet
from mall.selectors.baskets import CART, CartEmpty, Wanted
from mall.selectors.carts import cart
from mall.selectors.checkout import checkout
from mall.selectors.products import product_detail
from mall.selectors.rewards import rewards
from mall.services import carts
from mall.services import checkout as placing
from mall.services.submits import Placed
from members.models import Benefit, Member, Plan, Tier
from tests.mall.builders import AT, a_buyer, a_sku, address_of, place, redeem
from tests.members.plans.factories import a_plan, buy

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def exclusive(sku: Sku, *, tier: str = "", plan: Plan | None = None) -> Sku:
    row = Tier.objects.get(code=tier) if tier else None
    Product.objects.filter(pk=sku.product_id).update(is_exclusive=True, exclusive_tier=row, exclusive_plan=plan)
    return sku


def opens(sku: Sku, at: datetime) -> Sku:
    Product.objects.filter(pk=sku.product_id).update(on_sale_from=at)
    return sku


def benefit(tier: str, kind: str, value: str | None = None) -> None:
    Benefit.objects.create(
        tier=Tier.objects.get(code=tier), kind=kind, title=kind, value=None if value is None else Decimal(value)
    )


def add(member: Member, sku: Sku, *, at: datetime = AT) -> int:
    with transaction.atomic():
        return carts.add_to_cart(member_id=member.pk, sku_id=sku.pk, quantity=1, at=at)


def place_unseen(member: Member, sku: Sku, *, cents: int, at: datetime = AT) -> Placed:
    """An order as a client places it that never asked for a quote."""
    with transaction.atomic():
        return placing.place_order(
            member_id=member.pk,
            lines=[Wanted(sku_id=sku.pk, quantity=1)],
            address_id=address_of(member),
            points=0,
            channel="h5",
            submit_key="unseen",
            expected_payable_cents=cents,
            at=at,
        )


def every_way_to_buy(member: Member, sku: Sku) -> list[Callable[[], object]]:
    return [
        lambda: add(member, sku),
        lambda: checkout(member_id=member.pk, lines=[Wanted(sku_id=sku.pk, quantity=1)], channel="h5", at=AT),
        lambda: place_unseen(member, sku, cents=19900),
        lambda: redeem(member, sku, points=3000),
    ]


@pytest.mark.parametrize(("tier", "is_let_in"), [("silver", False), ("gold", True), ("diamond", True)])
def test_a_tier_and_those_above_it_may_buy(shop: None, tier: str, is_let_in: bool) -> None:
    sku, member = exclusive(a_sku(redeem_points=3000), tier="gold"), a_buyer(tier=tier, points=5000)
    if is_let_in:
        assert (add(member, sku), place(member, (sku, 1)).status) == (1, "created")
        assert redeem(member, sku, points=3000).status == "paid"
        return
    for way in every_way_to_buy(member, sku):
        with pytest.raises(ExclusiveProduct, match="「明前龙井」仅限黄金会员及以上购买"):
            way()
    assert (CartLine.objects.count(), Order.objects.count()) == (0, 0)


def test_members_of_the_plan_may_buy_whatever_their_tier(shop: None) -> None:
    plan, other = a_plan(), a_plan(code="other", name="季卡")
    sku = exclusive(a_sku(), plan=plan)
    members = {"none": a_buyer(tier="diamond"), "other": a_buyer(), "plan": a_buyer()}
    buy(other, member_id=members["other"].pk, order=1, at=AT)
    buy(plan, member_id=members["plan"].pk, order=2, at=AT)
    for name in ("none", "other"):
        with pytest.raises(ExclusiveProduct, match="仅限年度会员购买"):
            add(members[name], sku)
    assert place(members["plan"], (sku, 1)).status == "created"


def test_tier_or_plan_is_enough_where_both_are_named(shop: None) -> None:
    plan = a_plan()
    sku, payer, gold = exclusive(a_sku(), tier="gold", plan=plan), a_buyer(), a_buyer(tier="gold")
    buy(plan, member_id=payer.pk, order=1, at=AT)
    assert [add(payer, sku), add(gold, sku)] == [1, 1]
    with pytest.raises(ExclusiveProduct, match="仅限黄金会员及以上、年度会员购买"):
        add(a_buyer(tier="silver"), sku)


def test_without_tier_or_plan_the_benefit_lets_in(shop: None) -> None:
    sku = exclusive(a_sku())
    benefit("silver", "exclusive_products")
    assert add(a_buyer(tier="silver"), sku) == 1
    with pytest.raises(ExclusiveProduct, match="仅限权益会员购买"):
        add(a_buyer(tier="diamond"), sku)


def test_others_see_it_on_the_shelf_with_who_may_buy(shop: None) -> None:
    sku = exclusive(a_sku(), tier="gold")
    for member_id, is_for_viewer in ((None, False), (a_buyer().pk, False), (a_buyer(tier="gold").pk, True)):
        (card,) = catalogue.feed(at=AT, member_id=member_id).products
        detail = product_detail(product_id=sku.product_id, channel="h5", at=AT, member_id=member_id)
        assert card.access == detail.access
        assert (card.access.for_whom, card.access.is_for_viewer) == ("黄金会员及以上", is_for_viewer)


def test_who_falls_meanwhile_is_refused_when_placing_and_the_cart_says_why(shop: None) -> None:
    sku, member = exclusive(a_sku(), tier="gold"), a_buyer(tier="gold")
    add(member, sku)
    Member.objects.filter(pk=member.pk).update(tier=Tier.objects.get(code="silver"))
    view = cart(member_id=member.pk, channel="h5", at=AT)
    assert ([row.problem for row in view.rows], view.priced) == (["仅限黄金会员及以上购买"], None)
    with pytest.raises(ExclusiveProduct):
        place_unseen(member, sku, cents=19900)
    with pytest.raises(CartEmpty):
        checkout(member_id=member.pk, lines=CART, channel="h5", at=AT)
    assert Order.objects.count() == 0


def test_a_line_that_may_not_be_bought_is_left_out_of_the_carts_order(shop: None) -> None:
    barred, tea, member = exclusive(a_sku(), tier="gold"), a_sku(price_cents=10000), a_buyer(tier="gold")
    add(member, barred)
    add(member, tea)
    Member.objects.filter(pk=member.pk).update(tier=Tier.objects.get(code="silver"))
    shown = checkout(member_id=member.pk, lines=CART, channel="h5", at=AT)
    assert ([row.sku_id for row in shown.rows], shown.priced.goods_cents) == ([tea.pk], 10000)


def test_who_has_early_access_buys_so_many_hours_before_others(shop: None) -> None:
    benefit("gold", "early_access", "24")
    sku, gold, silver = a_sku(), a_buyer(tier="gold"), a_buyer(tier="silver")
    opening = AT + 30 * HOUR
    opens(sku, opening)
    with pytest.raises(NotOnSaleYet, match="「明前龙井」11-18 18:00 开售") as refused:
        add(gold, sku, at=AT)
    assert (refused.value.facts["sku_id"], refused.value.facts["seconds"]) == (sku.pk, 6 * 3600)
    assert place(gold, (sku, 1), at=AT + 6 * HOUR).status == "created"
    with pytest.raises(NotOnSaleYet, match="11-19 18:00 开售"):
        place_unseen(silver, sku, cents=19900, at=opening - timedelta(microseconds=1))
    assert place(silver, (sku, 1), at=opening).status == "created"


def test_the_shelf_says_when_it_opens_to_all_and_to_the_viewer(shop: None) -> None:
    benefit("gold", "early_access", "24")
    opening = AT + 30 * HOUR
    opens(a_sku(), opening)
    gold, silver = a_buyer(tier="gold").pk, a_buyer(tier="silver").pk

    def told(member_id: int | None, at: datetime) -> tuple[datetime | None, datetime | None, bool]:
        found = catalogue.feed(at=at, member_id=member_id).products[0].access
        return found.on_sale_from, found.opens_at, found.is_open

    assert told(None, AT) == told(silver, AT) == (opening, opening, False)
    assert told(gold, AT) == (opening, opening - 24 * HOUR, False)
    assert told(gold, AT + 6 * HOUR) == (opening, None, True)
    assert told(silver, opening) == told(gold, opening) == (None, None, True)


def test_goods_for_nobody_in_particular_name_no_tier_in_the_database(shop: None) -> None:
    with pytest.raises(IntegrityError, match="product_exclusive_to_somebody"), transaction.atomic():
        Product.objects.filter(pk=a_sku().product_id).update(exclusive_tier=Tier.objects.get(code="gold"))


RANKS = st.integers(0, 4)
PLANS = st.none() | st.integers(1, 3)


@given(
    admission=st.builds(
        Admission,
        is_exclusive=st.just(True),
        tier_rank=st.none() | st.integers(1, 4),
        tier_name=st.just("某级"),
        plan_id=PLANS,
        plan_name=st.just("某卡"),
        on_sale_from=st.none() | st.integers(-800, 800).map(lambda hours: AT + hours * HOUR),
    ),
    entrant=st.builds(
        Entrant, tier_rank=RANKS, plan_id=PLANS, has_exclusive_products=st.booleans(), early_hours=st.integers(0, 720)
    ),
)
def test_more_standing_never_shuts_a_door(admission: Admission, entrant: Entrant) -> None:
    higher = Entrant(
        tier_rank=entrant.tier_rank + 1,
        plan_id=entrant.plan_id,
        has_exclusive_products=True,
        early_hours=entrant.early_hours + 1,
    )
    found = access(admission=admission, entrant=entrant, at=AT)
    assert not found.is_open or access(admission=admission, entrant=higher, at=AT).is_open
    assert found.for_whom != ""
    assert not found.is_early or entrant.early_hours > 0


def test_what_is_within_reach_is_what_the_rule_lets_in(shop: None) -> None:
    plan, other = a_plan(), a_plan(code="other", name="季卡")
    benefit("silver", "exclusive_products")
    benefit("gold", "early_access", "24")
    for sku in (a_sku(name="人人", redeem_points=100), exclusive(a_sku(name="权益", redeem_points=100))):
        opens(sku, AT)
    exclusive(a_sku(name="黄金", redeem_points=100), tier="gold")
    exclusive(a_sku(name="年卡", redeem_points=100), plan=plan)
    exclusive(a_sku(name="黄金或年卡", redeem_points=100), tier="gold", plan=plan)
    opens(a_sku(name="明天", redeem_points=100), AT + 24 * HOUR)
    opens(a_sku(name="后天", redeem_points=100), AT + 25 * HOUR)
    members = {tier: a_buyer(tier=tier, points=500) for tier in ("bronze", "silver", "gold")}
    members |= {"payer": a_buyer(points=500), "other": a_buyer(points=500)}
    buy(plan, member_id=members["payer"].pk, order=1, at=AT)
    buy(other, member_id=members["other"].pk, order=2, at=AT)
    found = {}
    for name, member in members.items():
        whole, within = (
            rewards(channel="h5", at=AT, member_id=member.pk, within_reach=reach).rewards for reach in (False, True)
        )
        found[name] = {card.name for card in within}
        assert found[name] == {card.name for card in whole if card.access.is_open}, name
    assert found == {
        "bronze": {"人人"},
        "silver": {"人人", "权益"},
        "gold": {"人人", "黄金", "黄金或年卡", "明天"},
        "payer": {"人人", "年卡", "黄金或年卡"},
        "other": {"人人"},
    }
