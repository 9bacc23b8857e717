"""What every member page carries: shop name, theme, tab bar, viewer."""

import time
from functools import cache
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from config.core.shop import shop_name
from mall.h5.parts import wants_part
from mall.h5.themes import theme_of
from mall.selectors.carts import cart_count
from members.h5.session import current_member_id

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
}


def chrome(request: HttpRequest) -> dict[str, Any]:
    """Plain values for templates/h5/base.html; nothing for the back office, the API and parts of a page."""
    if request.path.startswith(_BACK_OFFICE) or wants_part(request):
        return {}
    member_id = current_member_id(request)
    count = badge(cart_count(member_id=member_id)) if member_id else ""
    match = request.resolver_match
    return {
        "chrome": {
            "shop_name": shop_name(),
            "theme": theme_of(request),
            "now_ms": int(time.time() * 1000),
            "viewer": member_id,
            "cart_count": count,
            "tab": _TAB_OF_PAGE.get(match.view_name, "") if match else "",
            "tabbar": [
                {"key": key, "name": name, "url": url, "icon": icon, "count": count if key == "cart" else ""}
                for key, name, icon, url in _tabs()
            ],
        }
    }


@cache
def _tabs() -> list[tuple[str, str, str, str]]:
    return [(key, name, icon, reverse(page)) for key, name, icon, page in _TABS]


def badge(count: int) -> str:
    """A number small enough for a badge: nothing for 0, "99+" beyond 99."""
    return "99+" if count > 99 else str(count or "")
