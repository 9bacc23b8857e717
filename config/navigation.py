"""Unfold's settings: look, sidebar by job, dashboard."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy

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


def _may(permission: str) -> Callable[[HttpRequest], bool]:
    def check(request: HttpRequest) -> bool:
        return bool(request.user.has_perm(permission))

    return check


def _list(title: str, icon: str, model: str, *, badge: str | None = None, query: str = "") -> dict[str, Any]:
    """A sidebar item that opens a model's list, for those who may view it."""
    app, name = model.split(".")
    link = reverse_lazy(f"admin:{app}_{name}_changelist")
    item: dict[str, Any] = {"title": title, "icon": icon, "link": link, "permission": _may(f"{app}.view_{name}")}
    if badge:
        item["badge"] = badge
    return item


def _group(title: str, *items: dict[str, Any]) -> dict[str, Any]:
    return {"title": title, "separator": True, "collapsible": False, "items": list(items)}


def _brand_css(request: HttpRequest) -> str:
    return static("admin-brand.css")


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "云杉会员商城",
    "SITE_HEADER": "云杉会员商城",
    "SITE_SUBHEADER": "商家后台",
    "SITE_SYMBOL": "storefront",
    "SITE_URL": "/",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": True,
    "SHOW_BACK_BUTTON": True,
    "ENVIRONMENT": "analytics.dashboard.environment",
    "DASHBOARD_CALLBACK": "analytics.dashboard.dashboard",
    "STYLES": [_brand_css],
    "COLORS": {"primary": _PRIMARY},
    "COMMAND": {"search_models": True, "show_history": True},
    "SIDEBAR": {
        "show_search": True,
        "command_search": True,
        "show_all_applications": False,
        "navigation": [
            {
                "title": "概览",
                "items": [{"title": "经营看板", "icon": "monitoring", "link": reverse_lazy("admin:index")}],
            },
            _group(
                "商品与订单",
                _list("订单", "receipt_long", "mall.order", badge="analytics.dashboard.orders_to_ship"),
                _list("退款", "assignment_return", "mall.refund"),
                _list("商品", "inventory_2", "mall.product"),
                _list("库存", "warehouse", "mall.stock"),
                _list("分类", "category", "mall.category"),
            ),
            _group(
                "会员",
                _list("会员", "group", "members.member"),
                _list("会员等级", "military_tech", "members.tier"),
            ),
            _group(
                "积分",
                _list("积分流水", "toll", "points.entry"),
                _list("积分账户", "account_balance_wallet", "points.account"),
                _list("发放凭证", "receipt", "campaigns.receipt"),
            ),
            _group(
                "营销",
                _list("活动", "campaign", "campaigns.campaign"),
                _list("签到记录", "event_available", "campaigns.checkin"),
            ),
            _group(
                "店铺",
                _list("页面装修", "view_quilt", "mall.pageblock"),
                _list("门店", "store", "mall.store"),
                _list("支付记录", "payments", "mall.payment"),
            ),
            _group(
                "系统",
                _list("后台账号", "manage_accounts", "members.user"),
                _list("角色权限", "shield_person", "auth.group"),
                _list("事件投递", "mark_email_read", "outbox.delivery"),
            ),
        ],
    },
}
