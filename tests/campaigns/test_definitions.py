"""Bad campaigns are refused with a Chinese sentence at the field; good ones read as one sentence."""

import pytest

from campaigns.presets import PRESETS
from campaigns.rules.definitions import parse
from campaigns.rules.fields import InvalidDefinition
from campaigns.rules.windows import is_timed, window_at
from campaigns.rules.words import rule_sentence, schedule_words
from config.core.time import SHANGHAI
from tests.campaigns.cases import TIER_NAMES, WEDNESDAY, definition


@pytest.mark.parametrize(
    ("fields", "field", "text"),
    [
        ({"trigger": "full_moon"}, "trigger", "不认识的 trigger：full_moon"),
        ({"effects": []}, "effects", "请至少设置一个效果"),
        ({"effects": "none"}, "effects", "格式不正确"),
        ({"effects": [{"kind": "money_off", "cents": 1}]}, "effects", "触发「订单完成」不支持「立减」"),
        ({"effects": [{"kind": "multiplier", "factor": "1"}]}, "effects", "factor 应大于 1"),
        ({"effects": [{"kind": "multiplier", "factor": "NaN"}]}, "effects", "factor 应大于 1"),
        ({"effects": [{"kind": "multiplier", "factor": 1.5}]}, "effects", "factor 应为数字"),
        ({"effects": [{"kind": "fixed_points", "points": True}]}, "effects", "points 应为 1 到 10000000 的整数"),
        ({"effects": [{"kind": "fixed_points", "points": 1}] * 2}, "effects", "「固定积分」只能设置一次"),
        ({"conditions": [{"kind": "moon_in"}]}, "conditions", "不认识的 kind：moon_in"),
        ({"conditions": [{"kind": "weekday_in", "weekdays": [8]}]}, "conditions", "weekdays 应为 1 到 7 的整数"),
        ({"conditions": [{"kind": "weekday_in", "weekdays": []}]}, "conditions", "请至少选择一个 weekdays"),
        (
            {"conditions": [{"kind": "date_window", "first": "2026-11-12", "last": "2026-11-01"}]},
            "conditions",
            "日期区间的最后一天不能早于第一天",
        ),
        ({"conditions": [{"kind": "date_window", "first": "11/12"}]}, "conditions", "first 应为日期，例如 2026-11-01"),
        (
            {"starts_at": "2026-11-02T00:00:00+08:00", "ends_at": "2026-11-01T00:00:00+08:00"},
            "ends_at",
            "结束时间必须晚于开始时间",
        ),
        ({"starts_at": "2026-11-02T00:00:00"}, "starts_at", "starts_at 应带时区"),
        ({"name": " "}, "name", "请填写 name"),
    ],
)
def test_a_bad_campaign_is_refused_at_its_field(fields, field, text):
    with pytest.raises(InvalidDefinition) as refusal:
        parse(definition(**fields))
    assert (refusal.value.field, refusal.value.text) == (field, text)


def test_every_preset_reads_as_one_sentence():
    assert [rule_sentence(parse(preset)) for preset in PRESETS.values()] == [
        "订单完成后，每消费 1 元得 1 积分，每消费 1 元得 1 成长值；同类活动取最优。",
        "满 500 元，订单完成后，得 100 积分；同类活动取最优。",
        "每周三（按付款时间），订单完成后，积分 ×2；同类活动取最优。",
        "每周三，积分兑换时，积分价 8 折；同类活动取最优。",
        "每月 15 日（按付款时间），订单完成后，积分 ×2；同类活动取最优。",
        "注册成为会员时，得 50 积分；同类活动取最优。",
        "首次完善资料时，得 30 积分；同类活动取最优。",
        "每日签到时，得 10 积分；同类活动取最优。",
        "每连续签到满 7 天，每日签到时，积分 ×2；同类活动取最优。",
        "会员生日当天，得 100 积分；同类活动取最优。",
        "邀请的好友注册后，得 50 积分；同类活动取最优。",
        "满 29 元，邀请的好友完成首单后，得 200 积分；同类活动取最优。",
        "好友打开分享的页面时，得 2 积分；同类活动取最优。",
        "满 100 元，购物结算时，立减 10 元；同类活动取最优。",
    ]


def test_a_scheduled_campaign_for_tiers_reads_with_names_and_bounds():
    campaign = parse(
        definition(
            conditions=[{"kind": "tier_in", "tiers": ["gold", "diamond"]}],
            stacking="add",
            starts_at="2026-11-01T00:00:00+08:00",
            ends_at="2026-11-12T00:00:00+08:00",
        )
    )
    assert rule_sentence(campaign, tier_names=TIER_NAMES) == (
        "2026-11-01 00:00 至 2026-11-12 00:00：黄金会员、钻石会员，订单完成后，每消费 1 元得 1 积分；与同类活动叠加。"
    )
    assert schedule_words(campaign) == "2026-11-01 00:00 至 2026-11-12 00:00"
    assert schedule_words(parse(definition())) == "长期有效"


def test_a_weekday_campaign_runs_one_day_at_a_time():
    wednesdays = parse(PRESETS["wednesday-double"])
    window = window_at(wednesdays, WEDNESDAY)
    assert window is not None
    assert [str(window.starts_at), str(window.ends_at)] == ["2026-11-18 00:00:00+08:00", "2026-11-19 00:00:00+08:00"]
    assert window_at(wednesdays, WEDNESDAY.replace(day=19)) is None
    assert (is_timed(wednesdays), is_timed(parse(PRESETS["base"]))) == (True, False)


def test_a_window_is_cut_by_the_schedule_and_by_its_days():
    campaign = parse(
        definition(
            conditions=[
                {"kind": "weekday_in", "weekdays": [6, 7]},
                {"kind": "date_window", "first": "2026-11-01", "last": "2026-11-29"},
            ],
            ends_at="2026-11-22T12:00:00+08:00",
        )
    )
    sunday = WEDNESDAY.replace(day=22, hour=9).astimezone(SHANGHAI)
    window = window_at(campaign, sunday)
    assert window is not None
    assert [str(window.starts_at), str(window.ends_at)] == ["2026-11-21 00:00:00+08:00", "2026-11-22 12:00:00+08:00"]
