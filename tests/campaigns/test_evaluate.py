"""The engine decides exact points, with exact steps, for every kind of condition and effect."""

from dataclasses import asdict, replace
from datetime import datetime
from decimal import Decimal

import pytest

from campaigns.rules.context import Context
from campaigns.rules.evaluate import NOTHING, evaluate
from config.core.time import SHANGHAI
from tests.campaigns.cases import (
    THURSDAY,
    WEDNESDAY,
    WEDNESDAY_15TH,
    fixed,
    gold,
    live,
    moment,
    multiplier,
    order,
    presets,
)


def points(*campaigns, context: Context) -> int:
    return evaluate(campaigns=campaigns, context=context).points


def test_a_gold_members_199_yuan_on_a_double_wednesday_earn_597_points_and_the_receipt_says_how():
    decision = evaluate(campaigns=presets("order_completed"), context=gold(19900, WEDNESDAY))
    assert (decision.points, decision.growth) == (597, 199)
    assert [asdict(step) for step in decision.steps] == [
        {"asset": "points", "kind": "base", "campaign": "消费得积分", "text": "¥199.00 × 1 积分/元", "value": "199"},
        {"asset": "points", "kind": "tier", "campaign": "黄金会员", "text": "等级积分 ×1.5", "value": "298.5"},
        {
            "asset": "points",
            "kind": "multiplier",
            "campaign": "每周三会员日双倍积分",
            "text": "积分 ×2",
            "value": "597",
        },
        {"asset": "points", "kind": "total", "campaign": "", "text": "199 × 1.5 × 2 = 597", "value": "597"},
        {"asset": "growth", "kind": "base", "campaign": "消费得积分", "text": "¥199.00 × 1 成长值/元", "value": "199"},
        {"asset": "growth", "kind": "total", "campaign": "", "text": "合计", "value": "199"},
    ]
    assert [(nearly.campaign, nearly.why) for nearly in decision.nearly] == [
        ("满 500 加 100", "差 ¥301.00 满 500 元"),
        ("每月 15 日双倍积分", "仅限每月 15 日"),
    ]
    assert [(part.campaign_id, part.version_id, part.points, part.growth) for part in decision.parts] == [
        (1, 101, 298, 199),
        (3, 103, 299, 0),
    ]


def test_fixed_points_of_an_order_come_after_the_multipliers():
    decision = evaluate(campaigns=presets("order_completed"), context=gold(50000, WEDNESDAY))
    assert decision.points == 1600
    assert decision.steps[-3].text == "500 × 1.5 × 2 + 100 = 1600"


def test_of_two_double_days_on_one_day_one_counts_and_the_other_says_so():
    decision = evaluate(campaigns=presets("order_completed"), context=order(10000, WEDNESDAY_15TH))
    assert decision.points == 200
    assert [nearly.why for nearly in decision.nearly][-1] == "同类活动取最优，已享「每周三会员日双倍积分」"


def test_the_better_of_two_multipliers_wins():
    base, double, triple = live(), live("双倍", effects=multiplier("2")), live("三倍", effects=multiplier("3"))
    decision = evaluate(campaigns=[base, double, triple], context=order(10000))
    assert decision.points == 300
    assert [(n.campaign, n.why) for n in decision.nearly] == [("双倍", "同类活动取最优，已享「三倍」")]


def test_multipliers_that_add_up_bring_their_extra_on_top():
    double = live("双倍", effects=multiplier("2"))
    half_more = live("再加半倍", effects=multiplier("1.5"), stacking="add")
    decision = evaluate(campaigns=[live(), double, half_more], context=gold(10000, THURSDAY))
    assert decision.points == 375  # 100 × 1.5 × (2 + 0.5)
    assert decision.steps[-1].text == "100 × 1.5 × 2.5 = 375"


def test_fixed_points_take_the_best_unless_they_add_up():
    small, large, extra = (
        live("小", effects=fixed(30)),
        live("大", effects=fixed(50)),
        live("加", effects=fixed(7), stacking="add"),
    )
    assert points(small, large, context=order(100)) == 50
    assert points(small, large, extra, context=order(100)) == 57


def test_per_yuan_takes_the_best_rate_unless_it_adds_up():
    one, two = live(), live("双", effects=[{"kind": "points_per_yuan", "points": 2}])
    more = live("加", effects=[{"kind": "points_per_yuan", "points": "0.5"}], stacking="add")
    assert points(one, two, context=order(10000)) == 200
    assert points(one, two, more, context=order(10000)) == 250


@pytest.mark.parametrize(("mode", "expected"), [("down", 149), ("half_up", 150), ("up", 150)])
def test_rounding_happens_once_at_the_end(mode, expected):
    decision = evaluate(campaigns=[live()], context=replace(gold(9967, THURSDAY), rounding=mode))
    assert decision.points == expected  # 99.67 × 1.5 = 149.505
    kinds = [step.kind for step in decision.steps]
    assert kinds == ["base", "tier", "rounding", "total"]
    assert decision.steps[1].value == "149.505"
    assert decision.steps[-1].value == str(expected)


def test_growth_is_never_multiplied():
    growing = live(effects=[{"kind": "growth_per_yuan", "growth": 1}, {"kind": "fixed_growth", "growth": 10}])
    decision = evaluate(campaigns=[growing, live("双倍", effects=multiplier("2"))], context=gold(19950, WEDNESDAY))
    assert (decision.points, decision.growth) == (0, 209)
    assert [step.text for step in decision.steps] == [
        "¥199.50 × 1 成长值/元",
        "+10 成长值",
        "209.5 向下取整",
        "199.5 + 10 = 209.5",
    ]


def test_an_order_without_cash_for_goods_earns_nothing_at_all():
    assert evaluate(campaigns=[live(effects=fixed(100))], context=order(0)) == NOTHING


def test_a_multiplier_without_a_base_gives_nothing():
    assert evaluate(campaigns=[live(effects=multiplier("2"))], context=gold(10000, WEDNESDAY)).parts == ()


@pytest.mark.parametrize(("streak", "expected"), [(1, 10), (6, 10), (7, 20), (8, 10), (14, 20)])
def test_check_in_gives_10_and_doubles_on_every_seventh_day(streak, expected):
    assert points(*presets("checked_in"), context=moment(streak=streak)) == expected


def test_the_tier_multiplier_belongs_to_orders():
    context = moment(streak=7, tier_code="gold", points_multiplier=Decimal("1.5"))
    assert points(*presets("checked_in"), context=context) == 20
    assert points(*presets("birthday"), context=moment(points_multiplier=Decimal(2))) == 100


@pytest.mark.parametrize(
    ("condition", "yes", "no", "why"),
    [
        ({"kind": "amount_at_least", "cents": 10000}, order(10000), order(9999), "差 ¥0.01 满 100 元"),
        (
            {"kind": "tier_in", "tiers": ["gold", "diamond"]},
            order(100, tier_code="diamond"),
            order(100),
            "仅限黄金会员、钻石会员",
        ),
        (
            {"kind": "channel_in", "channels": ["pos", "mini_program"]},
            order(100, channel="pos"),
            order(100),
            "仅限门店收银、小程序渠道",
        ),
        ({"kind": "weekday_in", "weekdays": [3]}, order(100, WEDNESDAY), order(100, THURSDAY), "仅限每周三"),
        ({"kind": "month_day_in", "days": [15]}, order(100, WEDNESDAY_15TH), order(100), "仅限每月 15 日"),
        (
            {"kind": "date_window", "first": "2026-11-18", "last": "2026-11-18"},
            order(100, WEDNESDAY),
            order(100, THURSDAY),
            "仅限2026-11-18 至 2026-11-18",
        ),
    ],
)
def test_each_condition_lets_in_and_keeps_out(condition, yes, no, why):
    campaign = live("条件活动", conditions=[condition], effects=fixed(5))
    assert points(campaign, context=yes) == 5
    kept_out = evaluate(campaigns=[campaign], context=no)
    assert (kept_out.points, kept_out.parts, kept_out.steps) == (0, (), ())
    assert [(nearly.campaign, nearly.why) for nearly in kept_out.nearly] == [("条件活动", why)]


def test_a_streak_says_how_many_days_are_left():
    decision = evaluate(campaigns=presets("checked_in"), context=moment(streak=4))
    assert [nearly.why for nearly in decision.nearly] == ["再连续签到 3 天"]


def test_all_conditions_must_hold_and_the_nearest_miss_comes_first():
    both = live(
        "两个条件", conditions=[{"kind": "weekday_in", "weekdays": [3]}, {"kind": "tier_in", "tiers": ["gold"]}]
    )
    one = live("一个条件", conditions=[{"kind": "month_day_in", "days": [15]}])
    decision = evaluate(campaigns=[both, one], context=order(100))
    assert [(n.campaign, n.why) for n in decision.nearly] == [
        ("一个条件", "仅限每月 15 日"),
        ("两个条件", "仅限每周三；仅限黄金会员"),
    ]


def test_days_are_shanghai_days():
    late_tuesday_in_london = datetime.fromisoformat("2026-11-17T16:00:00+00:00")  # Wednesday 00:00 in Shanghai
    campaign = live(conditions=[{"kind": "weekday_in", "weekdays": [3]}], effects=fixed(5))
    assert points(campaign, context=order(100, late_tuesday_in_london)) == 5


def test_the_schedule_is_half_open_and_outside_of_it_a_campaign_is_not_even_nearly():
    start, end = datetime(2026, 11, 1, tzinfo=SHANGHAI), datetime(2026, 11, 19, 12, 0, tzinfo=SHANGHAI)
    campaign = live(effects=fixed(5), starts_at=start.isoformat(), ends_at=end.isoformat())
    assert points(campaign, context=order(100, start)) == 5
    assert evaluate(campaigns=[campaign], context=order(100, end)) == NOTHING
