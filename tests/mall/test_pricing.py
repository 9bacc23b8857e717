"""The arithmetic of a basket, without a database."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mall.ports import Promotion, PromotionQuote
from mall.rules.pricing import Item, PricedBasket, Step, Terms, price_redemption, price_sale
from mall.rules.words import discount_words

NOTHING = PromotionQuote()
SHOP = {"freight_cents": 800, "free_freight_from_cents": 9900}


def item(cents: int, quantity: int = 1, points: int = 0, sku_id: int = 1, member_cents: int | None = None) -> Item:
    return Item(
        sku_id=sku_id,
        product_id=1,
        category_id=1,
        quantity=quantity,
        unit_price_cents=cents,
        unit_points=points,
        member_price_cents=member_cents,
    )


def off(*amounts: int, label: str = "满100减10") -> PromotionQuote:
    return PromotionQuote(promotions=(Promotion(campaign_id=1, version_id=1, label=label, line_amounts=amounts),))


def test_a_plain_basket_costs_its_goods_and_freight() -> None:
    priced = price_sale(items=[item(3000)], promotions=NOTHING, terms=Terms(available_points=0, **SHOP), points=0)
    assert priced.steps == (Step(label="商品金额", cents=3000), Step(label="运费", cents=800))
    assert (priced.payable_cents, priced.free_freight_missing_cents) == (3800, 6900)


def test_member_price_then_money_off_then_points_then_freight() -> None:
    terms = Terms(available_points=5000, discount=Decimal("0.95"), tier_name="钻石会员", has_free_shipping=True, **SHOP)
    priced = price_sale(items=[item(19900)], promotions=off(1000), terms=terms, points=1200)
    assert priced.steps == (
        Step(label="商品金额", cents=19900),
        Step(label="钻石会员 95 折", cents=-995),
        Step(label="满100减10", cents=-1000),
        Step(label="积分抵扣（1,200 积分）", cents=-1200, points=1200),
        Step(label="运费（钻石会员包邮）", cents=0),
    )
    assert (priced.discount_cents, priced.points_discount_cents, priced.payable_cents) == (1995, 1200, 16705)


def test_a_part_of_a_cent_of_the_member_price_is_the_members() -> None:
    terms = Terms(available_points=0, discount=Decimal("0.95"), tier_name="钻石会员", is_shipped=False)
    priced = price_sale(items=[item(199, 3)], promotions=NOTHING, terms=terms, points=0)
    assert priced.lines[0].member_unit_price_cents == 189
    assert priced.payable_cents == 567


def test_free_freight_looks_at_goods_after_discounts_and_before_points() -> None:
    terms = Terms(available_points=100000, **SHOP)
    just = price_sale(items=[item(9900)], promotions=NOTHING, terms=terms, points=4900)
    assert (just.freight_cents, just.payable_cents) == (0, 5000)
    below = price_sale(items=[item(10800)], promotions=off(1000), terms=terms, points=0)
    assert (below.freight_cents, below.free_freight_missing_cents) == (800, 100)


@pytest.mark.parametrize(
    ("available", "goods", "maximum", "reason"),
    [
        (None, 10000, 0, "登录会员后可用积分抵扣"),
        (60, 10000, 0, "满 100 积分可用，还差 40 积分"),
        (500, 150, 0, "商品金额较低，暂不能用积分抵扣"),
        (1234, 100000, 1200, ""),
        (99999, 1990, 900, ""),
    ],
)
def test_the_offer_of_points_says_how_many_or_why_none(available, goods, maximum, reason) -> None:
    offer = price_sale(
        items=[item(goods)], promotions=NOTHING, terms=Terms(available_points=available), points=0
    ).points_offer
    assert (offer.maximum, offer.reason) == (maximum, reason)


def test_points_beyond_the_offer_and_broken_steps_are_left_out() -> None:
    terms = Terms(available_points=10000)
    assert price_sale(items=[item(2000)], promotions=NOTHING, terms=terms, points=9999).points_spent == 1000
    assert price_sale(items=[item(2000)], promotions=NOTHING, terms=terms, points=199).points_spent == 100
    assert price_sale(items=[item(2000)], promotions=NOTHING, terms=terms, points=-5).points_spent == 0


def test_two_promotions_never_take_more_than_the_line_has() -> None:
    both = PromotionQuote(promotions=(*off(800).promotions, *off(500, label="新人减 5").promotions))
    priced = price_sale(
        items=[item(1000)], promotions=both, terms=Terms(available_points=0, is_shipped=False), points=0
    )
    assert [step.cents for step in priced.steps] == [1000, -800, -200, 0]
    assert [promotion.line_amounts for promotion in priced.promotions.promotions] == [(800,), (200,)]


def test_a_redemption_takes_points_and_its_cash_part_and_ships_free() -> None:
    priced = price_redemption(
        items=[item(990, 2, points=3000)],
        promotions=off(1200, label="会员日 8 折"),
        terms=Terms(available_points=5000, **SHOP),
    )
    assert priced.steps == (
        Step(label="兑换所需积分", cents=0, points=6000),
        Step(label="会员日 8 折", cents=0, points=-1200),
        Step(label="另付现金", cents=1980),
        Step(label="运费（积分兑换包邮）", cents=0),
    )
    assert (priced.points_spent, priced.payable_cents, priced.points_short) == (4800, 1980, 0)


def test_a_redemption_says_how_many_points_are_missing() -> None:
    priced = price_redemption(items=[item(0, points=3000)], promotions=NOTHING, terms=Terms(available_points=2999))
    assert (priced.points_short, priced.points_offer.reason) == (1, "积分还差 1")


@pytest.mark.parametrize(
    ("rate", "words"), [("0.95", "95 折"), ("0.9", "9 折"), ("0.80", "8 折"), ("0.925", "92.5 折")]
)
def test_rates_are_said_in_zhe(rate: str, words: str) -> None:
    assert discount_words(Decimal(rate)) == words


@st.composite
def priced_items(draw: st.DrawFn) -> Item:
    cents = draw(st.integers(0, 10**6))
    members = draw(st.none() | st.integers(1, cents)) if cents else None
    return item(cents, draw(st.integers(1, 99)), member_cents=members)


items = st.lists(priced_items(), min_size=1, max_size=8)


@st.composite
def baskets(draw: st.DrawFn) -> PricedBasket:
    goods = draw(items)
    amounts = st.tuples(*(st.integers(0, 10**6) for _ in goods))
    given = [off(*draw(amounts)).promotions[0] for _ in range(draw(st.integers(0, 3)))]
    terms = Terms(
        available_points=draw(st.none() | st.integers(0, 10**7)),
        discount=draw(st.decimals(Decimal("0.01"), 1, places=2)),
        has_member_price=draw(st.booleans()),
        has_free_shipping=draw(st.booleans()),
        is_shipped=draw(st.booleans()),
        points_per_yuan=draw(st.sampled_from([1, 7, 50, 100, 1000])),
        deduction_max_percent=draw(st.integers(0, 100)),
        deduction_step=draw(st.sampled_from([1, 10, 100])),
        **SHOP,
    )
    return price_sale(
        items=goods, promotions=PromotionQuote(promotions=tuple(given)), terms=terms, points=draw(st.integers(0, 10**8))
    )


@given(baskets())
def test_no_part_exceeds_its_line_and_every_sum_is_equal(priced: PricedBasket) -> None:
    for line in priced.lines:
        assert line.discount_cents >= 0
        assert line.points_discount_cents >= 0
        assert line.points_spent >= 0
        assert line.paid_cents >= 0
    assert sum(step.cents for step in priced.steps) == priced.payable_cents >= 0
    assert sum(step.points for step in priced.steps) == priced.points_spent
    assert priced.points_spent <= priced.points_offer.maximum
    assert priced.points_spent % priced.points_offer.step == 0
    assert priced.goods_paid_cents == priced.goods_cents - priced.discount_cents - priced.points_discount_cents


@given(baskets())
def test_points_never_pay_more_than_they_are_worth_nor_freight(priced: PricedBasket) -> None:
    assert priced.points_discount_cents * priced.points_offer.per_yuan <= priced.points_spent * 100
    assert priced.payable_cents >= priced.freight_cents


def test_each_line_costs_the_better_of_discount_and_member_price_and_never_both() -> None:
    terms = Terms(
        available_points=0,
        discount=Decimal("0.95"),
        tier_name="钻石会员",
        has_member_price=True,
        member_price_by="年度会员",
        is_shipped=False,
    )
    goods = [item(10000, 2, member_cents=9000), item(10000, member_cents=9600), item(10000)]
    priced = price_sale(items=goods, promotions=NOTHING, terms=terms, points=0)
    assert [(line.member_unit_price_cents, line.member_price_cents) for line in priced.lines] == [
        (9000, 9000),
        (9500, None),
        (9500, None),
    ]
    assert priced.steps == (
        Step(label="商品金额", cents=40000),
        Step(label="钻石会员 95 折", cents=-1000),
        Step(label="年度会员 会员价", cents=-2000),
        Step(label="运费（到店自提）", cents=0),
    )
    assert (priced.discount_cents, priced.payable_cents) == (3000, 37000)


def test_a_member_price_is_nothing_to_who_has_no_such_benefit() -> None:
    terms = Terms(available_points=0, is_shipped=False)
    priced = price_sale(items=[item(10000, member_cents=9000)], promotions=NOTHING, terms=terms, points=0)
    assert (priced.payable_cents, priced.lines[0].member_price_cents) == (10000, None)


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.decimals(Decimal("0.01"), 1, places=2), st.booleans())
def test_a_unit_costs_the_lowest_price_the_buyer_has_a_right_to(
    cents: int, members: int, discount: Decimal, has_member_price: bool
) -> None:
    terms = Terms(available_points=0, discount=discount, has_member_price=has_member_price, is_shipped=False)
    priced = price_sale(items=[item(cents, member_cents=members)], promotions=NOTHING, terms=terms, points=0)
    allowed = [int(cents * discount), *([members] if has_member_price else [])]
    assert priced.lines[0].member_unit_price_cents == min(allowed)
    assert 0 <= priced.payable_cents <= cents
