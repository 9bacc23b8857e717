"""What every shop starts with: one store, and the blocks of home and member centre."""

from collections.abc import Callable
from typing import Any, Final

from django.apps import apps
from django.db.models import Model

from config.core.db import transaction_required

_BANNERS: Final = {
    "items": [
        {
            "title": "每周三会员日\n消费双倍积分",
            "subtitle": "积分兑换 8 折，仅此一天",
            "button": "去兑换",
            "art": "gift",
            "href": "/points-mall/",
            "tone": "warm",
        },
        {
            "title": "每月 15 日\n双倍积分",
            "subtitle": "等级倍数还能再相乘",
            "button": "立即去逛",
            "art": "calendar",
            "href": "/categories/",
            "tone": "night",
        },
        {
            "title": "积分当钱花\n下单直接抵",
            "subtitle": "签到、购物都能攒",
            "button": "去签到",
            "art": "coin",
            "href": "/check-in/",
            "tone": "warm",
        },
    ]
}
_SHORTCUTS: Final = {
    "look": "art",
    "items": [
        {"title": "全部分类", "art": "bags", "href": "/categories/"},
        {"title": "积分商城", "art": "coin", "href": "/points-mall/"},
        {"title": "每日签到", "art": "calendar", "href": "/check-in/"},
        {"title": "会员权益", "art": "crown", "href": "/benefits/"},
        {"title": "我的订单", "art": "receipt", "href": "/orders/"},
    ],
}
_SERVICES: Final = {
    "title": "常用服务",
    "look": "icon",
    "items": [
        {"title": "积分明细", "icon": "coins", "href": "/points/"},
        {"title": "积分商城", "icon": "gift", "href": "/points-mall/"},
        {"title": "邀请好友", "icon": "user-plus", "href": "/invite/"},
        {"title": "收货地址", "icon": "map-pin", "href": "/addresses/"},
        {"title": "个人资料", "icon": "user-circle", "href": "/profile/"},
    ],
}
_PAGES: Final[dict[str, list[tuple[str, dict[str, Any]]]]] = {
    "home": [
        ("banner", _BANNERS),
        ("member_strip", {}),
        ("shortcuts", _SHORTCUTS),
        ("campaign_notices", {}),
        ("points_rail", {"title": "积分好礼", "limit": 8}),
        ("product_rail", {"title": "人气热卖", "category": "", "limit": 8}),
        ("product_feed", {"title": "为你推荐"}),
    ],
    "member_centre": [
        ("tier_card", {}),
        ("assets", {}),
        ("order_counts", {}),
        ("check_in_week", {}),
        ("benefits", {}),
        ("shortcuts", _SERVICES),
    ],
}


@transaction_required
def ensure_defaults() -> None:
    """Make what is missing; what the merchant has changed or emptied on purpose stays as it is."""
    install(lambda name: apps.get_model("mall", name))


def install(model: Callable[[str], type[Model]]) -> None:
    """`ensure_defaults` on these models: a migration brings its own."""
    store, block = model("Store"), model("PageBlock")
    if not store._default_manager.filter(is_default=True).exists():
        store._default_manager.create(code="default", name="线上商城", is_default=True)
    for page, blocks in _PAGES.items():
        if block._default_manager.filter(page=page).exists():
            continue
        for position, (kind, config) in enumerate(blocks, start=1):
            block._default_manager.create(page=page, kind=kind, config=config, position=position * 10)
