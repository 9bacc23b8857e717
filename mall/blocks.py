"""Page blocks of the mall: banner, shortcuts, rails of goods, the endless feed, order counts."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from config.core import blocks
from config.core.blocks import BlockKind, Placement, Values, Viewer, everyone
from config.core.db import Ask
from mall.api import block_outputs
from mall.h5.cards import next_page, product_cards, reward_cards
from mall.selectors import catalogue
from mall.selectors.orders import order_counts_ask
from mall.selectors.rewards import rewards
from mall.selectors.viewers import who_looks
from members.h5.links import link_to

_TEXT: Final = {"type": "string"}
_LINK: Final = {"type": "string", "pattern": "^/"}  # pages of this shop only
_LIMIT: Final = {"type": "integer", "minimum": 1, "maximum": 20}
_MOST: Final = 8
_COUNTED: Final = "mall.order_counts"


def _object(*, required: Sequence[str] = (), **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


def _list_of(item: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item, "minItems": 1, "maxItems": 10}


def _load_banners(placements: Sequence[Placement], viewer: Viewer) -> Mapping[int, Values]:
    return {placement.id: {"slides": slides} for placement in placements if (slides := _slides(placement))}


def _slides(placement: Placement) -> list[dict[str, Any]]:
    return [
        {
            "title_lines": str(item.get("title", "")).split("\n"),
            "text": item.get("subtitle", ""),
            "button": item.get("button", "去看看"),
            "link": _own(item.get("href")),
            "art": item.get("art") or "gift",
            "tone": item.get("tone") or ("night" if number % 2 else "warm"),
        }
        for number, item in enumerate(placement.config.get("items", []))
    ]


def _load_shortcuts(placements: Sequence[Placement], viewer: Viewer) -> Mapping[int, Values]:
    return {
        placement.id: {
            "title": placement.config.get("title", ""),
            "look": placement.config.get("look", "art"),
            "entries": [
                {
                    "title": item.get("title", ""),
                    "link": _own(item.get("href")),
                    "art": item.get("art") or "gift",
                    "icon": item.get("icon") or "gift",
                    "tip": item.get("tip", ""),
                }
                for item in items
            ],
        }
        for placement in placements
        if (items := placement.config.get("items", []))
    }


def _own(link: object) -> str:
    """The link when it stays in the shop, else home: a block never sends people away."""
    text = str(link or "/")
    return text if text.startswith("/") and url_has_allowed_host_and_scheme(text, allowed_hosts=None) else "/"


def _load_product_rails(placements: Sequence[Placement], viewer: Viewer) -> Mapping[int, Values]:
    wanted = {
        placement.id: catalogue.RailWish(category_slug=placement.config.get("category", ""), limit=_limit(placement))
        for placement in placements
    }
    found = catalogue.rails(wishes=wanted, at=viewer.at, who=who_looks(viewer=viewer))
    return {
        placement.id: {
            "title": placement.config.get("title") or "为你精选",
            "more": _more(placement.config.get("category", "")),
            "products": product_cards(cards),
        }
        for placement in placements
        if (cards := found.get(placement.id))
    }


def _more(category: str) -> str:
    return reverse("mall:category-detail", args=[category]) if category else reverse("mall:category")


def _load_points_rails(placements: Sequence[Placement], viewer: Viewer) -> Mapping[int, Values]:
    who = replace(
        who_looks(viewer=viewer), points_account=None
    )  # a rail shows prices, not what is missing: no balance is asked for
    page = rewards(channel=viewer.channel, at=viewer.at, who=who, limit=max(map(_limit, placements)))
    cards = reward_cards(page.rewards, balance=None)
    return {
        placement.id: {
            "title": placement.config.get("title") or "积分好礼",
            "products": cards[: _limit(placement)],
        }
        for placement in placements
        if cards
    }


def _load_feeds(placements: Sequence[Placement], viewer: Viewer) -> Mapping[int, Values]:
    page = catalogue.feed(at=viewer.at, who=who_looks(viewer=viewer))
    values = {
        "products": product_cards(page.products),
        "next_url": next_page("mall:feed", cursor=page.next_cursor),
        "next_cursor": page.next_cursor,
    }
    return {
        placement.id: {"title": placement.config.get("title") or "为你推荐", **values}
        for placement in placements
        if page.products
    }


def _load_order_counts(placements: Sequence[Placement], viewer: Viewer) -> Mapping[int, Values]:
    if viewer.member_id is None:
        return {}
    counts = viewer.once(_COUNTED, order_counts_ask(member_id=viewer.member_id).answer)
    entries = [
        _count("待付款", "wallet", "created", counts.created),
        _count("待发货", "package", "paid", counts.paid),
        _count("待收货", "truck-delivery", "shipped", counts.shipped),
        _count("已完成", "circle-check", "completed", 0),
        _count("退款", "receipt-refund", "refunded", 0),
    ]
    return {
        placement.id: {"title": placement.config.get("title") or "我的订单", "counts": entries}
        for placement in placements
    }


def _ask_order_counts(viewer: Viewer) -> Mapping[str, Ask[Any]]:
    return {} if viewer.member_id is None else {_COUNTED: order_counts_ask(member_id=viewer.member_id)}


def _count(name: str, icon: str, status: str, number: int) -> dict[str, Any]:
    url = f"{link_to('mall:orders')}?status={status}"
    return {"name": name, "icon": icon, "status": status, "number": number, "url": url}


def _prices_of(viewer: Viewer) -> Hashable:
    return who_looks(viewer=viewer).audience


def _limit(placement: Placement) -> int:
    limit = placement.config.get("limit", _MOST)
    return min(max(limit, 1), 20) if isinstance(limit, int) else _MOST


_BANNER = _object(
    required=["title", "href"],
    title=_TEXT,
    subtitle=_TEXT,
    art=_TEXT,
    href=_LINK,
    button=_TEXT,
    tone={"enum": ["warm", "night"]},
)
_SHORTCUT = _object(required=["title", "href"], title=_TEXT, href=_LINK, art=_TEXT, icon=_TEXT, tip=_TEXT)

KINDS: Final = (
    BlockKind(
        kind="banner",
        title="轮播图",
        template="h5/mall/blocks/banner.html",
        schema=_object(required=["items"], items=_list_of(_BANNER)),
        load=_load_banners,
        output=block_outputs.BannerOutput,
        audience=everyone,
    ),
    BlockKind(
        kind="shortcuts",
        title="快捷入口",
        template="h5/mall/blocks/shortcuts.html",
        schema=_object(required=["items"], title=_TEXT, look={"enum": ["art", "icon"]}, items=_list_of(_SHORTCUT)),
        load=_load_shortcuts,
        output=block_outputs.ShortcutsOutput,
        audience=everyone,
    ),
    BlockKind(
        kind="product_rail",
        title="商品橱窗",
        template="h5/mall/blocks/product_rail.html",
        schema=_object(title=_TEXT, category=_TEXT, limit=_LIMIT),
        load=_load_product_rails,
        output=block_outputs.ProductRailOutput,
        audience=_prices_of,
    ),
    BlockKind(
        kind="points_rail",
        title="积分好礼",
        template="h5/mall/blocks/points_rail.html",
        schema=_object(title=_TEXT, limit=_LIMIT),
        load=_load_points_rails,
        output=block_outputs.PointsRailOutput,
        audience=_prices_of,
    ),
    BlockKind(
        kind="product_feed",
        title="商品瀑布流",
        template="h5/mall/blocks/product_feed.html",
        schema=_object(title=_TEXT),
        load=_load_feeds,
        output=block_outputs.ProductFeedOutput,
        audience=_prices_of,
    ),
    BlockKind(
        kind="order_counts",
        title="订单数量",
        template="h5/mall/blocks/order_counts.html",
        schema=_object(title=_TEXT),
        load=_load_order_counts,
        output=block_outputs.OrderCountsBlockOutput,
        asks=_ask_order_counts,
        is_alike=True,
    ),
)


def register() -> None:
    """Make the mall's kinds known; called once, from AppConfig.ready()."""
    for kind in KINDS:
        blocks.register(kind)
