"""Policies: what the shop has decided, each with its default. docs/policies.md lists them in words.

The only door to these values: `policies.current()`. What merchants saved on the page of settings counts, else
settings.POLICIES, which the environment fills (`POLICY_FREIGHT_CENTS=600`), else the default here. Tests set
`override_settings(POLICIES={...})`.
"""

from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from decimal import Decimal
from typing import Any, cast

from django.conf import settings

from config.core.stored_settings import stored


@dataclass(frozen=True, kw_only=True)
class Explained:
    """How a policy reads on the page of settings, and which values it takes."""

    group: str
    title: str
    words: str = ""
    least: int = 0
    most: int = 0
    choices: tuple[tuple[str, str], ...] = ()
    is_money: bool = False

    def check(self, name: str, value: Any) -> None:
        """Raise ValueError for what arithmetic or calendars could not bear."""
        if self.most and not self.least <= value <= self.most:
            raise ValueError(f"policy {name} lies between {self.least} and {self.most}")
        if self.choices and value not in dict(self.choices):
            raise ValueError(f"policy {name} is one of {', '.join(dict(self.choices))}")


def _whole(default: int, group: str, title: str, words: str = "", *, least: int = 0, most: int) -> int:
    explained = Explained(group=group, title=title, words=words, least=least, most=most)
    return field(default=default, metadata={"explained": explained})


def _cents(default: int, group: str, title: str, words: str = "", *, most: int) -> int:
    explained = Explained(group=group, title=title, words=words, most=most, is_money=True)
    return field(default=default, metadata={"explained": explained})


def _choice(default: str, group: str, title: str, words: str = "", **choices: str) -> str:
    explained = Explained(group=group, title=title, words=words, choices=tuple(choices.items()))
    return field(default=default, metadata={"explained": explained})


def _switch(default: bool, group: str, title: str, words: str = "") -> bool:
    explained = Explained(group=group, title=title, words=words)
    return field(default=default, metadata={"explained": explained})


_POINTS, _TIERS, _ORDERS, _LOGIN, _HOUSE = "积分", "等级", "订单与运费", "会员与登录", "系统"
_INVITES = "邀请与分享"
_MESSAGES = "消息"


@dataclass(frozen=True, kw_only=True)
class Policies:
    """All policies in force. Units: points, cents, minutes, days; rates are Decimal."""

    points_expiry_months: int = _whole(
        12,
        _POINTS,
        "积分有效期（月）",
        "获得后满这么多个月的当月月底到期；0 为永不过期。只影响以后发放的积分",
        most=120,
    )
    restore_grace_days: int = _whole(
        7, _POINTS, "退回积分的宽限期（天）", "退回时原批次已到期的积分再保留这么多天；0 为立即作废", most=365
    )
    clawback_past_zero: str = _choice(
        "arrears",
        _POINTS,
        "退款扣回积分不足时",
        "会员已把积分花掉、不够扣回时怎么办",
        arrears="记为欠分，以后获得的积分先抵扣",
        forgive="免除，只作记录",
    )
    points_rounding: str = _choice(
        "down",
        _POINTS,
        "积分取整",
        "每笔只在最后取整一次",
        down="舍去小数",
        half_up="四舍五入",
        up="进一",
    )
    lapse_reminder_first_days: int = _whole(
        30, _POINTS, "到期提醒：第一次提前（天）", "每批积分在每个提前量只提醒一次；0 为不提醒这一次", most=365
    )
    lapse_reminder_second_days: int = _whole(7, _POINTS, "到期提醒：第二次提前（天）", "0 为不提醒这一次", most=365)
    lapse_reminder_last_days: int = _whole(1, _POINTS, "到期提醒：最后一次提前（天）", "0 为不提醒这一次", most=365)
    points_per_yuan: int = _whole(
        100, _POINTS, "多少积分抵 1 元", "看板上的未兑付积分也按它折算", least=1, most=1_000_000
    )
    points_deduction_max_percent: int = _whole(
        50, _POINTS, "积分最多抵扣（%）", "占优惠后商品金额的比例；0 为不能抵扣", most=100
    )
    points_deduction_step: int = _whole(
        100, _POINTS, "积分抵扣的单位", "结算时只能用它的整数倍", least=1, most=1_000_000
    )
    adjustment_alone_points: int = _whole(
        10_000,
        _POINTS,
        "一人可直接调整的积分",
        "一位员工一天内对一位会员的调整合计超过这么多时，须由另一位员工审批；0 为每次都须审批",
        most=1_000_000_000,
    )
    adjustment_request_days: int = _whole(
        7, _POINTS, "积分调整审批期限（天）", "逾期未审批的申请自动失效", least=1, most=90
    )
    freight_cents: int = _cents(800, _ORDERS, "运费（元）", "每单", most=100_000)
    free_freight_from_cents: int = _cents(
        9900, _ORDERS, "满多少元包邮", "优惠后、积分抵扣前的商品金额；0 为一律包邮", most=100_000_000
    )
    unpaid_order_minutes: int = _whole(
        30, _ORDERS, "未付款订单保留（分钟）", "到时自动取消，退回库存和积分；只影响新订单", least=5, most=1440
    )
    completed_after_received_days: int = _whole(0, _ORDERS, "收货后几天完成", "完成时发放积分；0 为收货即完成", most=60)
    growth_window_months: int = _whole(
        12,
        _TIERS,
        "定级看近几个月的成长值",
        "滚动定级时有效，也是等级的有效期；0 为累计全部成长值、永久有效。改动后达到门槛的会员会自动升级，不会因此降级",
        most=120,
    )
    tier_qualification: str = _choice(
        "rolling",
        _TIERS,
        "定级周期",
        "升级即时生效；周期结束时未达保级成长值的降一级。改动只影响以后开始的周期",
        rolling="滚动：自定级之日起按月数计算",
        calendar_year="自然年：看当年成长值，每年 12 月 31 日结束",
        lifetime="终身：累计全部成长值，不降级",
    )
    tier_grace_days: int = _whole(
        0, _TIERS, "保级宽限期（天）", "周期结束后再等这么多天才降级，其间获得的成长值也算数", most=90
    )
    tier_warning_first_days: int = _whole(
        30, _TIERS, "保级提醒：第一次提前（天）", "只提醒成长值还不够保级的会员；0 为不提醒这一次", most=365
    )
    tier_warning_last_days: int = _whole(7, _TIERS, "保级提醒：第二次提前（天）", "0 为不提醒这一次", most=365)
    growth_cost_cents: int = _cents(
        100,
        _TIERS,
        "获得 1 成长值约需消费（元）",
        "会员中心据此换算升级、保级还差多少元，请与「消费得积分」活动一致；0 为不显示金额",
        most=10_000_000,
    )
    benefits_multiply: bool = _switch(
        False, _TIERS, "等级与付费会员的积分倍数相乘", "关闭时取较高的一个；其他权益总是取较好的一个"
    )
    plans_earn_points: bool = _switch(
        False, _TIERS, "购买会员套餐也得积分", "按实付会费计算；关闭时会费不得积分和成长值"
    )
    login_code_seconds: int = _whole(300, _LOGIN, "验证码有效期（秒）", least=60, most=1800)
    login_code_tries: int = _whole(5, _LOGIN, "验证码可输错几次", least=1, most=20)
    login_codes_per_phone_day: int = _whole(10, _LOGIN, "每个手机号每天可获取几次验证码", least=1, most=100)
    login_codes_per_address_hour: int = _whole(
        30, _LOGIN, "每个网络地址每小时可获取几次验证码", "店内共用网络时可调大", least=1, most=10_000
    )
    login_codes_per_address_day: int = _whole(
        200, _LOGIN, "每个网络地址每天可获取几次验证码", "店内共用网络时可调大", least=1, most=100_000
    )
    login_code_interval_seconds: int = _whole(60, _LOGIN, "两次验证码的间隔（秒）", least=10, most=600)
    password_tries: int = _whole(
        5, _LOGIN, "密码可输错几次", "到次数后要等下面的时间，期间仍可用验证码登录", least=1, most=50
    )
    password_wait_minutes: int = _whole(15, _LOGIN, "密码输错过多后等待（分钟）", least=1, most=1440)
    password_tries_per_address_hour: int = _whole(
        60, _LOGIN, "每个网络地址每小时可试几次密码", "店内共用网络时可调大", least=1, most=10_000
    )
    merge_delay_hours: int = _whole(
        24, _LOGIN, "合并会员延迟生效（小时）", "生效前可以取消；0 为立即合并，不能取消", most=720
    )
    max_addresses: int = _whole(20, _LOGIN, "每位会员最多几个收货地址", least=1, most=200)
    birthday_may_change: bool = _switch(True, _LOGIN, "会员可以修改生日", "每年一次；关闭时只能填写一次")
    reveals_per_hour: int = _whole(
        30,
        _LOGIN,
        "每位员工每小时可查看几次完整信息",
        "手机号、姓名、生日、收货地址，每次查看都要写原因",
        least=1,
        most=10_000,
    )
    closing_days: int = _whole(7, _LOGIN, "注销冷静期（天）", "期间会员登录后可撤销；期满后不可恢复", least=1, most=60)
    data_export_hours: int = _whole(
        24, _LOGIN, "个人信息副本保留（小时）", "到时下载链接失效，文件删除", least=1, most=168
    )
    data_exports_per_day: int = _whole(3, _LOGIN, "每位会员每天可申请几次个人信息副本", least=1, most=100)
    devices_kept_days: int = _whole(
        180, _LOGIN, "登录设备保留（天）", "这么久没有使用的设备自动退出登录并删除记录", least=30, most=3650
    )
    traces_kept_days: int = _whole(
        365, _LOGIN, "设备和支付账户痕迹保留（天）", "用于识别重复会员和刷邀请，只存加密摘要", least=30, most=3650
    )
    quiet_from_hour: int = _whole(
        22, _MESSAGES, "免打扰从几点开始", "此时起不发短信、微信和邮件，紧急的服务通知除外；站内消息不受影响", most=23
    )
    quiet_until_hour: int = _whole(
        8, _MESSAGES, "免打扰到几点结束", "与开始相同则不设免打扰；期间的消息到时再发", most=23
    )
    marketing_messages_per_day: int = _whole(
        2, _MESSAGES, "每位会员每天最多几条营销消息", "短信、微信和邮件合计；超过的不再发送", least=1, most=100
    )
    marketing_messages_per_week: int = _whole(
        5, _MESSAGES, "每位会员每周最多几条营销消息", "周一到周日", least=1, most=500
    )
    service_messages_per_day: int = _whole(
        20, _MESSAGES, "每位会员每天最多几条服务通知", "短信、微信和邮件合计；紧急的不受限制", least=1, most=1000
    )
    invitation_touch_days: int = _whole(
        30,
        _INVITES,
        "邀请和渠道链接的有效期（天）",
        "首次打开链接后这么多天内注册，才算这位邀请人或这个渠道带来的；先打开的链接算数",
        least=1,
        most=365,
    )
    invitation_return_days: int = _whole(
        7, _INVITES, "首单完成几天后发邀请奖励", "期间退款则不发；0 为首单完成即发", most=90
    )
    invitations_per_day: int = _whole(
        20, _INVITES, "每人每天最多奖励几位好友", "超出的照常注册，只是不计邀请奖励", least=1, most=10_000
    )
    invitations_per_month: int = _whole(200, _INVITES, "每人每月最多奖励几位好友", "按自然月", least=1, most=100_000)
    share_visits_per_day: int = _whole(
        20, _INVITES, "每人每天最多计几次好友访问", "同一好友打开同一链接只计一次", least=1, most=10_000
    )
    staff_two_step_required: bool = _switch(
        False,
        _HOUSE,
        "要求所有员工开启两步验证",
        "打开后，没有开启的员工（包括自己）打开后台的任何页面都会先到「两步验证」",
    )
    outbox_keep_days: int = _whole(30, _HOUSE, "事件投递记录保留（天）", least=1, most=3650)
    max_order_quantity: int = _whole(99, _ORDERS, "每个规格一单最多几件", least=1, most=9999)

    def __post_init__(self) -> None:
        for name in _FIELDS:
            explained(name).check(name, getattr(self, name))
        if self.points_deduction_step * 100 < self.points_per_yuan:
            raise ValueError("policy points_deduction_step is worth less than a cent")

    @property
    def cents_per_point(self) -> Decimal:
        """What one point is worth in cents when it pays."""
        return Decimal(100) / self.points_per_yuan

    @property
    def lapse_reminder_steps(self) -> tuple[int, ...]:
        """How many days before points lapse members are told, the earliest first; empty: never."""
        steps = {self.lapse_reminder_first_days, self.lapse_reminder_second_days, self.lapse_reminder_last_days}
        return tuple(sorted(steps - {0}, reverse=True))


def current() -> Policies:
    """The policies in force now. Raises TypeError for a name that is no policy, ValueError for a bad value."""
    saved = stored()
    given = {**getattr(settings, "POLICIES", {}), **{name: saved[name] for name in saved.keys() & _FIELDS.keys()}}
    if given != _Latest.given:
        _Latest.policies, _Latest.given = Policies(**given), given
    return _Latest.policies


def names() -> list[str]:
    """All policy names, in the order of their definition."""
    return list(_FIELDS)


def explained(name: str) -> Explained:
    """How that policy reads, and its bounds."""
    return cast(Explained, _FIELDS[name].metadata["explained"])


def default_of(name: str) -> Any:
    """Its built-in value."""
    return _FIELDS[name].default


def from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """Values of the POLICY_<NAME> variables. Raises ValueError for a name that is no policy and for a bad value."""
    read: dict[str, Any] = {}
    for variable, text in environment.items():
        if not variable.startswith("POLICY_"):
            continue
        name = variable.removeprefix("POLICY_").lower()
        if name not in _FIELDS:
            raise ValueError(f"{variable} is no policy")
        read[name] = _read(variable, text, type(default_of(name)))
    Policies(**read)
    return read


def _read(variable: str, text: str, kind: type) -> Any:
    if kind is bool:
        if text.lower() not in {"true", "false"}:
            raise ValueError(f"{variable} is true or false")
        return text.lower() == "true"
    if kind is int and not text.isdecimal():
        raise ValueError(f"{variable} is a whole number, not {text!r}")
    return kind(text)


_FIELDS: dict[str, Field[Any]] = {one.name: one for one in fields(Policies)}


class _Latest:
    """The policies made last, and of what: made anew only when that changes."""

    given: Mapping[str, Any] = {}
    policies = Policies()
