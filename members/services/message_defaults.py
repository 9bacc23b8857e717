"""The messages that every shop sends from its first day, in words that the merchant may change."""

from typing import Any, Final, NamedTuple

from config.core.db import transaction_required
from members.models import MessageTemplate


class DefaultTemplate(NamedTuple):
    """One template: (name, kind, title, sample) for each of its variables."""

    code: str
    name: str
    icon: str
    title: str
    body: str
    link: str
    variables: tuple[tuple[str, str, str, str], ...]
    purpose: str = "service"
    is_urgent: bool = False


_POINTS: Final = ("points", "int", "积分", "100")
_ORDER: Final = ("order", "text", "订单号", "20261118000001")
_GONE: Final = ("gone", "text", "并入的会员号", "10000002")
_KEPT: Final = ("kept", "text", "保留的会员号", "10000001")
_GOODS: Final = ("goods", "text", "商品", "明前龙井 等 2 件")

TEMPLATES: Final = (
    DefaultTemplate(
        "points_gained",
        "积分到账",
        "coins",
        "{points} 积分到账",
        "{reason}，获得 {points} 积分，已经可以使用。",
        "/points/",
        (_POINTS, ("reason", "text", "来由", "购物返积分")),
    ),
    DefaultTemplate(
        "points_lapsing",
        "积分到期提醒",
        "hourglass",
        "{points} 积分即将到期",
        "您有 {points} 积分最晚可用到 {date}，还剩 {days} 天，过期作废，别浪费了。",
        "/points/lapsing/",
        (_POINTS, ("date", "date", "最后可用日", "2026-11-30"), ("days", "int", "剩余天数", "7")),
    ),
    DefaultTemplate(
        "tier_up",
        "会员升级",
        "crown",
        "恭喜升级为{tier}",
        "您已成为{tier}，新的会员权益即刻生效，去看看多了什么。",
        "/benefits/",
        (("tier", "text", "新等级", "黄金会员"), ("old_tier", "text", "原等级", "白银会员")),
    ),
    DefaultTemplate(
        "tier_down",
        "会员等级调整",
        "arrow-down",
        "会员等级调整为{tier}",
        "您的等级由{old_tier}调整为{tier}，继续积累成长值即可恢复。",
        "/benefits/",
        (("tier", "text", "新等级", "白银会员"), ("old_tier", "text", "原等级", "黄金会员")),
    ),
    DefaultTemplate(
        "tier_at_risk",
        "保级提醒",
        "alert-circle",
        "再攒 {growth} 成长值保住{tier}",
        "您的{tier}将于 {date} 到期，还差 {growth} 成长值即可保级。",
        "/benefits/",
        (
            ("tier", "text", "当前等级", "黄金会员"),
            ("growth", "int", "还差成长值", "320"),
            ("date", "date", "到期日", "2026-12-31"),
            ("days", "int", "剩余天数", "30"),
        ),
    ),
    DefaultTemplate(
        "order_paid",
        "付款成功",
        "circle-check",
        "订单付款成功",
        "{goods} 已支付 {paid}，我们会尽快为您发货。",
        "/orders/{order}/",
        (_ORDER, _GOODS, ("paid", "text", "实付", "¥199.00")),
    ),
    DefaultTemplate(
        "order_shipped",
        "订单发货",
        "truck-delivery",
        "您的订单已发货",
        "{goods} 已由{carrier}发出，运单号 {tracking}。",
        "/orders/{order}/",
        (_ORDER, _GOODS, ("carrier", "text", "快递公司", "顺丰速运"), ("tracking", "text", "运单号", "SF1234567890")),
    ),
    DefaultTemplate(
        "order_completed",
        "订单完成",
        "package",
        "订单已完成",
        "{goods} 已完成交易，感谢您的信任。",
        "/orders/{order}/",
        (_ORDER, _GOODS),
    ),
    DefaultTemplate(
        "order_refunded",
        "退款成功",
        "receipt-refund",
        "退款 {refund} 已受理",
        "订单 {order} 退回 {refund}：钱款原路退回付款账户，积分退回积分账户。",
        "/orders/{order}/",
        (_ORDER, ("refund", "text", "退款", "¥59.90")),
    ),
    DefaultTemplate(
        "order_closed",
        "订单关闭",
        "receipt-refund",
        "待付款订单已关闭",
        "{goods}：会费退回后，享会员权益的待付款订单已关闭。如已付款会原路退回，可按现价重新下单。",
        "/orders/{order}/",
        (_ORDER, _GOODS),
    ),
    DefaultTemplate(
        "coupon_expiring",
        "优惠券到期提醒",
        "ticket",
        "优惠券即将到期",
        "您有 {count} 张优惠券（{coupon}）最晚可用到 {date}，记得使用。",
        "",
        (
            ("coupon", "text", "优惠券", "满 100 减 10"),
            ("count", "int", "张数", "1"),
            ("date", "date", "最后可用日", "2026-11-30"),
        ),
    ),
    DefaultTemplate(
        "membership_started",
        "会员卡开通",
        "id-badge-2",
        "{plan}已开通",
        "您的{plan}已生效，有效期至 {date}。",
        "/membership/",
        (("plan", "text", "会员卡", "年度会员"), ("date", "text", "有效期至", "2027-11-18")),
    ),
    DefaultTemplate(
        "membership_expiring",
        "会员卡到期提醒",
        "id-badge-2",
        "{plan}即将到期",
        "您的{plan}将于 {date} 到期，续费后在剩余时间上顺延。",
        "/membership/",
        (
            ("plan", "text", "会员卡", "年度会员"),
            ("date", "date", "到期日", "2026-12-18"),
            ("days", "int", "剩余天数", "30"),
        ),
    ),
    DefaultTemplate(
        "merge_requested",
        "会员合并预告",
        "users",
        "您的会员将于 {when} 合并",
        "会员 {gone} 将于 {when} 并入 {kept}：积分、成长值、订单和权益转入 {kept}，{gone} 不能再单独使用，且无法恢复。"
        "如果不是您本人的会员或不同意合并，请在此之前联系客服取消。",
        "",
        (_GONE, _KEPT, ("when", "text", "生效时间", "2026-11-23 12:00")),
        is_urgent=True,
    ),
    DefaultTemplate(
        "merge_cancelled",
        "会员合并取消",
        "users",
        "会员合并已取消",
        "会员 {gone} 不再并入 {kept}，两个会员都照常使用，积分和权益没有变化。",
        "",
        (_GONE, _KEPT),
    ),
    DefaultTemplate(
        "new_device",
        "新设备登录提醒",
        "device-mobile",
        "您的账号在新设备上登录",
        "{when}，{device} 登录了您的账号（网络地址 {address}）。"
        "如果不是您本人，请立即退出该设备，设置过密码的请修改密码。",
        "/devices/",
        (
            ("device", "text", "设备", "iPhone · 微信"),
            ("when", "text", "时间", "2026-11-18 12:00"),
            ("address", "text", "网络地址", "203.0.113.*"),
        ),
        is_urgent=True,
    ),
    DefaultTemplate(
        "announcement",
        "活动公告",
        "speakerphone",
        "{headline}",
        "{nickname}，{content}",
        "{page}",
        (
            ("headline", "text", "标题", "双十二会员日"),
            ("content", "text", "内容", "全场积分翻倍，仅此一天"),
            ("page", "url", "打开页面", "/points-mall/"),
        ),
        "marketing",
    ),
)


@transaction_required
def ensure_defaults(*, templates: Any = MessageTemplate) -> None:
    """Create the templates that are missing; what the merchant changed stays. A data migration passes its own model."""
    templates.objects.bulk_create(
        [
            templates(
                code=one.code,
                name=one.name,
                purpose=one.purpose,
                is_urgent=one.is_urgent,
                variables=[dict(zip(("name", "kind", "title", "sample"), v, strict=True)) for v in one.variables],
                title=one.title,
                body=one.body,
                link=one.link,
                icon=one.icon,
            )
            for one in TEMPLATES
        ],
        ignore_conflicts=True,
    )
