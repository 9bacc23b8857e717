"""What campaigns take off a basket, to the cent and to the point, and what they say when they don't."""

from campaigns.rules.baskets import quote_redemption, quote_sale
from tests.campaigns.cases import THURSDAY, WEDNESDAY, live, order, presets


def money_off(name: str, over: int, off: int, **fields):
    conditions = [{"kind": "amount_at_least", "cents": over}, *fields.pop("conditions", [])]
    return live(name, trigger="basket", conditions=conditions, effects=[{"kind": "money_off", "cents": off}], **fields)


def test_100_yuan_take_10_off_cut_over_the_lines():
    quote = quote_sale(campaigns=presets("basket"), context=order(10001), line_cents=[3334, 3334, 3333])
    assert [(part.campaign_id, part.version_id, part.label, part.line_amounts) for part in quote.parts] == [
        (1, 101, "满 100 减 10", (333, 333, 334))
    ]
    assert quote.nearly == ()


def test_88_yuan_take_nothing_off_and_say_what_is_missing():
    quote = quote_sale(campaigns=presets("basket"), context=order(8800), line_cents=[8800])
    assert quote.parts == ()
    assert quote.nearly == ("再买 ¥12.00 可享「满 100 减 10」立减 10 元",)


def test_the_best_money_off_wins_and_a_better_one_is_hinted_at():
    steps = [money_off("甲", 10000, 1000), money_off("乙", 20000, 3000), money_off("丙", 30000, 5000)]
    quote = quote_sale(campaigns=steps, context=order(25000), line_cents=[25000])
    assert [(part.label, part.line_amounts) for part in quote.parts] == [("乙", (3000,))]
    assert quote.nearly == ("再买 ¥50.00 可享「丙」立减 50 元",)


def test_money_off_that_adds_up_comes_on_top_and_never_below_zero():
    both = [money_off("甲", 100, 1000), money_off("加", 100, 500, stacking="add")]
    quote = quote_sale(campaigns=both, context=order(1200), line_cents=[1200])
    assert [part.line_amounts for part in quote.parts] == [(1000,), (200,)]


def test_what_also_lacks_a_tier_is_not_hinted_at():
    gold_only = money_off("黄金", 10000, 1000, conditions=[{"kind": "tier_in", "tiers": ["gold"]}])
    assert quote_sale(campaigns=[gold_only], context=order(9000), line_cents=[9000]).nearly == ()


def test_a_redemption_costs_80_percent_on_wednesdays():
    campaigns = presets("redemption_basket")
    quote = quote_redemption(campaigns=campaigns, context=order(0, WEDNESDAY), line_points=[1001, 999])
    assert [part.line_amounts for part in quote.parts] == [(200, 200)]
    thursday = quote_redemption(campaigns=campaigns, context=order(0, THURSDAY), line_points=[1001])
    assert (thursday.parts, thursday.nearly) == ((), ("每周三积分兑换 8 折：仅限每周三",))


def test_an_odd_points_price_keeps_the_fraction_of_a_point():
    quote = quote_redemption(campaigns=presets("redemption_basket"), context=order(0, WEDNESDAY), line_points=[1001])
    assert [part.line_amounts for part in quote.parts] == [(200,)]  # 800.8 are paid as 801


def test_two_redemption_discounts_take_the_deeper_one_unless_they_multiply():
    deep, flat = (
        live(trigger="redemption_basket", effects=[{"kind": "points_price_discount", "rate": "0.7"}]),
        live(trigger="redemption_basket", effects=[{"kind": "points_price_discount", "rate": "0.9"}]),
    )
    extra = live(
        trigger="redemption_basket", effects=[{"kind": "points_price_discount", "rate": "0.9"}], stacking="add"
    )
    context = order(0)
    assert [
        p.line_amounts for p in quote_redemption(campaigns=[deep, flat], context=context, line_points=[1000]).parts
    ] == [(300,)]
    stacked = quote_redemption(campaigns=[deep, extra], context=context, line_points=[1000])
    assert [part.line_amounts for part in stacked.parts] == [(300,), (70,)]
