"""The Chinese names of triggers, conditions, effects, channels and weekdays."""

from collections.abc import Mapping

TRIGGER_NAMES: Mapping[str, str] = {
    "basket": "购物结算",
    "redemption_basket": "积分兑换结算",
    "order_completed": "订单完成",
    "member_registered": "注册会员",
    "profile_completed": "完善资料",
    "checked_in": "每日签到",
    "birthday": "会员生日",
    "invitee_registered": "好友注册",
    "invitee_first_order": "好友首单",
    "share_visited": "好友浏览分享",
    "segment_entered": "进入人群",
}
CONDITION_NAMES: Mapping[str, str] = {
    "amount_at_least": "满额",
    "tier_in": "会员等级",
    "segment_in": "人群",
    "channel_in": "渠道",
    "weekday_in": "星期",
    "month_day_in": "每月几号",
    "date_window": "日期区间",
    "streak_multiple_of": "连续签到",
}
EFFECT_NAMES: Mapping[str, str] = {
    "points_per_yuan": "每元积分",
    "multiplier": "积分倍数",
    "fixed_points": "固定积分",
    "growth_per_yuan": "每元成长值",
    "fixed_growth": "固定成长值",
    "money_off": "立减",
    "points_price_discount": "积分价折扣",
}
CHANNEL_NAMES: Mapping[str, str] = {
    "h5": "H5",
    "mini_program": "小程序",
    "pos": "门店收银",
    "import": "导入",
}
WEEKDAYS = "一二三四五六日"
