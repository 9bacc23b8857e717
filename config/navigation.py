"""Unfold's settings: look, sidebar by job, dashboard."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse, reverse_lazy

from config.core.shop import shop_name

# The brand's red, from the member pages' #d92c12, in Unfold's eleven steps.
_PRIMARY = {
    "50": "#fff5f1",
    "100": "#ffe6dd",
    "200": "#ffcbb8",
    "300": "#ffa688",
    "400": "#ff7d55",
    "500": "#f2542b",
    "600": "#d9381a",
    "700": "#b92d12",
    "800": "#942813",
    "900": "#782515",
    "950": "#411007",
}


# The sidebar by job: (title, icon, model) each, a fourth part names the badge.
Page = tuple[str, str, str] | tuple[str, str, str, str]
JOBS: list[tuple[str, list[Page]]] = [
    (
        "商品与订单",
        [
            ("订单", "receipt_long", "mall.order", "analytics.dashboard.orders_to_ship"),
            ("退款", "assignment_return", "mall.refund"),
            ("商品", "inventory_2", "mall.product"),
            ("库存", "warehouse", "mall.stock"),
            ("分类", "category", "mall.category"),
        ],
    ),
    (
        "会员",
        [
            ("会员", "group", "members.member"),
            ("会员人群", "groups", "members.segment"),
            ("会员等级", "military_tech", "members.tier"),
            ("会员套餐", "card_membership", "members.plan"),
            ("付费会员", "workspace_premium", "members.subscription"),
            ("礼品卡批次", "redeem", "members.giftcardbatch"),
            ("礼品卡", "featured_seasonal_and_gifts", "members.giftcard"),
            ("会员标签", "sell", "members.tag"),
            ("兴趣", "interests", "members.interest"),
            ("隐私政策", "policy", "members.privacynotice"),
            ("隐私同意记录", "verified_user", "members.consent"),
            ("账号注销", "person_off", "members.closing"),
            ("敏感信息查看记录", "visibility", "members.reveal"),
            ("等级变动", "swap_vert", "members.tierchange"),
            ("疑似重复", "group_remove", "members.duplicate", "members.admin.duplicates.open_badge"),
            ("会员合并", "merge", "members.mergerequest"),
        ],
    ),
    (
        "积分",
        [
            ("积分流水", "toll", "points.entry"),
            ("积分账户", "account_balance_wallet", "points.account"),
            ("到期提醒", "notifications_active", "points.lapsereminder"),
            ("账本核对", "fact_check", "points.auditrun"),
            ("流水封存", "enhanced_encryption", "points.seal"),
            ("积分调整审批", "approval", "members.adjustmentrequest", "members.admin.adjustments.waiting_badge"),
            ("发放凭证", "receipt", "campaigns.receipt"),
        ],
    ),
    (
        "营销",
        [
            ("活动", "campaign", "campaigns.campaign"),
            ("签到记录", "event_available", "campaigns.checkin"),
            ("权益礼", "redeem", "campaigns.benefitgift"),
            ("邀请记录", "group_add", "members.invitation"),
            ("分享链接", "share", "members.sharelink"),
            ("推广渠道", "ads_click", "members.channel"),
        ],
    ),
    (
        "消息",
        [
            ("消息模板", "sms", "members.messagetemplate"),
            ("群发", "campaign", "members.broadcast"),
            ("站内消息", "inbox", "members.message"),
            ("站外发送", "outgoing_mail", "members.messagedelivery"),
            ("消息授权", "how_to_reg", "members.messageconsent"),
            ("订阅次数", "confirmation_number", "members.subscribequota"),
        ],
    ),
    (
        "店铺",
        [
            ("页面装修", "view_quilt", "mall.pageblock"),
            ("门店", "store", "mall.store"),
            ("支付记录", "payments", "mall.payment"),
        ],
    ),
    (
        "系统",
        [
            ("店铺设置", "tune", "constance.config"),
            ("后台账号", "manage_accounts", "members.user"),
            ("角色权限", "shield_person", "auth.group"),
            ("登录锁定", "lock_person", "axes.accessattempt"),
            ("两步验证", "phonelink_lock", "back_office.twostepdevice"),
            ("操作记录", "history", "back_office.staffdeed"),
            ("事件投递", "mark_email_read", "outbox.delivery"),
        ],
    ),
]

# Pages that are no list of a model, at the end of their job: (title, icon, name of the address, the right it takes).
REPORTS: dict[str, list[tuple[str, str, str, str]]] = {
    "积分": [("积分财务月报", "account_balance", "finance-months", "points.view_finance_report")],
    "营销": [("渠道报表", "analytics", "admin:members_channel_report", "members.view_channel")],
}


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """The jobs and pages that this operator may see; a job without pages is left out."""
    overview = {"title": "经营看板", "icon": "monitoring", "link": reverse("admin:index")}
    groups = [{"title": "概览", "separator": False, "items": [overview]}]
    for title, pages in JOBS:
        items = [_item(page) for page in pages if viewable_admin(request, page[2])]
        items += [
            {"title": name, "icon": icon, "link": reverse(address)}
            for name, icon, address, right in REPORTS.get(title, [])
            if request.user.has_perm(right)
        ]
        if items:
            groups.append({"title": title, "separator": True, "items": items})
    return groups


def viewable_admin(request: HttpRequest, label: str) -> admin.ModelAdmin | None:
    """The admin of a model, when this operator may view it; asked of the admin itself, so that both always agree."""
    registered = admin.site._registry.items()
    model_admin = next((one for model, one in registered if model._meta.label_lower == label), None)
    return model_admin if model_admin is not None and model_admin.has_view_permission(request) else None


def _item(page: Page) -> dict[str, Any]:
    title, icon, model, *badge = page
    app, name = model.split(".")
    item = {"title": title, "icon": icon, "link": reverse(f"admin:{app}_{name}_changelist")}
    return {**item, "badge": badge[0]} if badge else item


def _icon(request: HttpRequest) -> str:
    return static("h5/icon.svg")


def _shop_name(request: HttpRequest) -> str:
    return shop_name()


def _brand_css(request: HttpRequest) -> str:
    return static("admin-brand.css")


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": _shop_name,
    "SITE_HEADER": _shop_name,
    "SITE_SUBHEADER": "商家后台",
    "SITE_SYMBOL": "storefront",
    "SITE_URL": "/",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _icon}],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": True,
    "SHOW_BACK_BUTTON": True,
    "ENVIRONMENT": "analytics.dashboard.environment",
    "DASHBOARD_CALLBACK": "analytics.dashboard.dashboard",
    "STYLES": [_brand_css],
    "COLORS": {"primary": _PRIMARY},
    "ACCOUNT": {"navigation": [{"title": "两步验证", "link": reverse_lazy("admin:two_step")}]},
    "COMMAND": {"show_history": True},
    "SIDEBAR": {
        "show_search": True,
        "command_search": True,
        "show_all_applications": False,
        "navigation": "config.navigation.sidebar",
    },
}
