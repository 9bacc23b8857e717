"""What every member page carries: shop name, theme, tab bar, viewer."""

import time
from functools import lru_cache
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from config.core.fragments import Fragment, alike
from config.core.shop import shop_name
from mall.h5.parts import wants_part
from mall.h5.themes import theme_of
from mall.h5.viewers import cart_units
from members.h5.session import current_member

_BACK_OFFICE = ("/admin/", "/api/")
_TABS = (
    ("home", "首页", "home", "mall:home"),
    ("category", "分类", "category", "mall:category"),
    ("points", "积分", "gift", "mall:points-mall"),
    ("cart", "购物车", "shopping-cart", "mall:cart"),
    ("me", "我的", "user", "mall:member-centre"),
)
_TAB_OF_PAGE = {page: key for key, _, _, page in _TABS} | {
    "mall:category-detail": "category",
    "mall:reward": "points",
    "members:statement": "me",
    "members:profile": "me",
    "members:benefits": "me",
    "members:messages": "me",
}


def chrome(request: HttpRequest) -> dict[str, Any]:
    """Plain values for templates/h5/base.html; nothing for the back office, the API and parts of a page."""
    if request.path.startswith(_BACK_OFFICE) or wants_part(request):
        return {}
    member = current_member(request)
    count = badge(cart_units(request))
    match = request.resolver_match
    tab = _TAB_OF_PAGE.get(match.view_name, "") if match else ""
    return {
        "chrome": {
            "shop_name": shop_name(),
            "theme": theme_of(request),
            "now_ms": int(time.time() * 1000),
            "viewer": member and member.member_id,
            "unread": badge(member.unread) if member else "",
            "cart_count": count,
            "assets": alike("h5/_assets.html", {}),
            "tabs": _tabs(tab, count),
        }
    }


@lru_cache(maxsize=1000)
def _tabs(current: str, count: str) -> Fragment:
    """The tab bar with one tab lit (none: "") and that badge on the cart."""
    tabs = [
        {"key": key, "name": name, "url": reverse(page), "icon": icon, "count": count if key == "cart" else ""}
        for key, name, icon, page in _TABS
    ]
    return Fragment("h5/_tabs.html", {"tabs": tabs, "current": current})


def badge(count: int) -> str:
    """A number small enough for a badge: nothing for 0, "99+" beyond 99."""
    return "99+" if count > 99 else str(count or "")
