"""Whatever the campaigns: parts sum to totals, and splitting a refund changes nothing."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from campaigns.rules.baskets import quote_redemption, quote_sale
from campaigns.rules.clawback import clawback
from campaigns.rules.evaluate import evaluate
from tests.campaigns.cases import live, order

_effects = st.one_of(
    st.builds(lambda n: {"kind": "points_per_yuan", "points": str(Decimal(n) / 100)}, st.integers(1, 500)),
    st.builds(lambda n: {"kind": "multiplier", "factor": str(Decimal(n) / 100)}, st.integers(101, 400)),
    st.builds(lambda n: {"kind": "fixed_points", "points": n}, st.integers(1, 500)),
    st.builds(lambda n: {"kind": "growth_per_yuan", "growth": str(Decimal(n) / 100)}, st.integers(1, 300)),
    st.builds(lambda n: {"kind": "fixed_growth", "growth": n}, st.integers(1, 50)),
)
_campaigns = st.lists(
    st.builds(
        lambda effects, stacking: live(effects=effects, stacking=stacking),
        st.lists(_effects, min_size=1, max_size=5, unique_by=lambda effect: effect["kind"]),
        st.sampled_from(["best", "add"]),
    ),
    max_size=8,
)


@given(_campaigns, st.integers(1, 10**7), st.integers(100, 400), st.sampled_from(["down", "half_up", "up"]))
def test_parts_sum_exactly_to_the_total_and_none_is_negative(campaigns, cents, hundredths, mode):
    context = order(cents, points_multiplier=Decimal(hundredths) / 100, rounding=mode)
    decision = evaluate(campaigns=campaigns, context=context)
    assert sum(part.points for part in decision.parts) == decision.points
    assert sum(part.growth for part in decision.parts) == decision.growth
    assert all(part.points >= 0 and part.growth >= 0 for part in decision.parts)
    assert len({part.campaign_id for part in decision.parts}) == len(decision.parts)


@given(_campaigns, st.integers(1, 10**6), st.permutations(range(8)))
def test_the_order_in_which_campaigns_are_handed_over_changes_nothing(campaigns, cents, shuffle):
    shuffled = [campaigns[index] for index in shuffle if index < len(campaigns)]
    assert evaluate(campaigns=campaigns, context=order(cents)) == evaluate(campaigns=shuffled, context=order(cents))


@given(st.integers(0, 10**6), st.lists(st.integers(0, 10**5), min_size=1, max_size=12))
def test_any_split_of_refunds_takes_back_what_one_refund_would(earned, refunds):
    base = sum(refunds) + 1
    taken = so_far = 0
    for refund in refunds:
        so_far += refund
        taken += clawback(earned=earned, base=base, refunded_so_far=so_far, taken_before=taken)
    assert taken == clawback(earned=earned, base=base, refunded_so_far=sum(refunds), taken_before=0)
    assert taken + clawback(earned=earned, base=base, refunded_so_far=base, taken_before=taken) == earned


def test_clawback_of_a_third_is_a_third_rounded_down():
    assert clawback(earned=597, base=19900, refunded_so_far=6633, taken_before=0) == 198
    assert clawback(earned=597, base=19900, refunded_so_far=13266, taken_before=198) == 199
    assert clawback(earned=597, base=19900, refunded_so_far=19900, taken_before=397) == 200
    assert clawback(earned=597, base=0, refunded_so_far=100, taken_before=0) == 0
    assert clawback(earned=597, base=19900, refunded_so_far=30000, taken_before=0) == 597


_offs = st.lists(st.tuples(st.integers(1, 5000), st.sampled_from(["best", "add"])), max_size=5)


@given(_offs, st.lists(st.integers(0, 4000), min_size=1, max_size=6))
def test_money_off_never_exceeds_a_line(offs, lines):
    campaigns = [
        live(trigger="basket", effects=[{"kind": "money_off", "cents": cents}], stacking=stacking)
        for cents, stacking in offs
    ]
    quote = quote_sale(campaigns=campaigns, context=order(sum(lines)), line_cents=lines)
    taken = [sum(part.line_amounts[index] for part in quote.parts) for index in range(len(lines))]
    assert all(0 <= off <= size for off, size in zip(taken, lines, strict=True))
    best = max((cents for cents, stacking in offs if stacking == "best"), default=0)
    adding = sum(cents for cents, stacking in offs if stacking == "add")
    assert sum(taken) == min(best + adding, sum(lines))


@given(st.integers(1, 99), st.lists(st.integers(0, 10**6), min_size=1, max_size=6))
def test_a_redemption_discount_is_rounded_down_on_the_whole_basket(percent, lines):
    rate = str(Decimal(percent) / 100)
    campaign = live(trigger="redemption_basket", effects=[{"kind": "points_price_discount", "rate": rate}])
    quote = quote_redemption(campaigns=[campaign], context=order(0), line_points=lines)
    assert sum(sum(part.line_amounts) for part in quote.parts) == sum(lines) * (100 - percent) // 100
