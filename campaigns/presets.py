"""Ready-made campaigns, as a merchant would set them up on the first day."""

from collections.abc import Mapping
from typing import Any

_ON_WEDNESDAYS = {"kind": "weekday_in", "weekdays": [3]}


def _preset(code: str, name: str, description: str, trigger: str, **rest: Any) -> dict[str, Any]:
    return {
        "code": code,
        "name": name,
        "description": description,
        "trigger": trigger,
        "conditions": [],
        "stacking": "best",
        "starts_at": None,
        "ends_at": None,
        **rest,
    }


_ALL: tuple[dict[str, Any], ...] = (
    _preset(
        "base",
        "消费得积分",
        "每消费 1 元得 1 积分和 1 成长值",
        "order_completed",
        effects=[{"kind": "points_per_yuan", "points": 1}, {"kind": "growth_per_yuan", "growth": 1}],
    ),
    _preset(
        "over-500",
        "满 500 加 100",
        "单笔实付满 500 元，再得 100 积分",
        "order_completed",
        conditions=[{"kind": "amount_at_least", "cents": 50000}],
        effects=[{"kind": "fixed_points", "points": 100}],
    ),
    _preset(
        "wednesday-double",
        "每周三会员日双倍积分",
        "每周三付款，消费积分翻倍",
        "order_completed",
        conditions=[_ON_WEDNESDAYS],
        effects=[{"kind": "multiplier", "factor": "2"}],
    ),
    _preset(
        "wednesday-redeem",
        "每周三积分兑换 8 折",
        "每周三兑换好礼，积分价 8 折",
        "redemption_basket",
        conditions=[_ON_WEDNESDAYS],
        effects=[{"kind": "points_price_discount", "rate": "0.8"}],
    ),
    _preset(
        "fifteenth-double",
        "每月 15 日双倍积分",
        "每月 15 日付款，消费积分翻倍",
        "order_completed",
        conditions=[{"kind": "month_day_in", "days": [15]}],
        effects=[{"kind": "multiplier", "factor": "2"}],
    ),
    _preset(
        "newcomer",
        "新人礼",
        "注册即得 50 积分",
        "member_registered",
        effects=[{"kind": "fixed_points", "points": 50}],
    ),
    _preset(
        "complete-profile",
        "完善资料有礼",
        "首次完善资料得 30 积分",
        "profile_completed",
        effects=[{"kind": "fixed_points", "points": 30}],
    ),
    _preset(
        "check-in",
        "每日签到",
        "每天签到得 10 积分",
        "checked_in",
        effects=[{"kind": "fixed_points", "points": 10}],
    ),
    _preset(
        "check-in-seventh",
        "连续签到第 7 天双倍",
        "连续签到每满 7 天，当天积分翻倍",
        "checked_in",
        conditions=[{"kind": "streak_multiple_of", "days": 7}],
        effects=[{"kind": "multiplier", "factor": "2"}],
    ),
    _preset(
        "birthday",
        "生日礼",
        "生日当天得 100 积分",
        "birthday",
        effects=[{"kind": "fixed_points", "points": 100}],
    ),
    _preset(
        "invite-registered",
        "邀请有礼：好友注册",
        "好友通过你的邀请注册，得 50 积分；好友首单完成后生效",
        "invitee_registered",
        effects=[{"kind": "fixed_points", "points": 50}],
    ),
    _preset(
        "invite-first-order",
        "邀请有礼：好友首单",
        "好友首单满 29 元，得 200 积分；退款按比例扣回",
        "invitee_first_order",
        conditions=[{"kind": "amount_at_least", "cents": 2900}],
        effects=[{"kind": "fixed_points", "points": 200}],
    ),
    _preset(
        "share-visited",
        "好友浏览有礼",
        "好友打开你分享的页面，得 2 积分；同一好友同一页面只计一次",
        "share_visited",
        effects=[{"kind": "fixed_points", "points": 2}],
    ),
    _preset(
        "over-100-off-10",
        "满 100 减 10",
        "商品满 100 元立减 10 元",
        "basket",
        conditions=[{"kind": "amount_at_least", "cents": 10000}],
        effects=[{"kind": "money_off", "cents": 1000}],
    ),
)

PRESETS: Mapping[str, Mapping[str, Any]] = {
    preset["code"]: {**preset, "position": (number + 1) * 10} for number, preset in enumerate(_ALL)
}
BASE = "base"
# what a merchant decides to pay for bringing people in: installed as drafts
DRAFTS = frozenset({"invite-registered", "invite-first-order", "share-visited"})
