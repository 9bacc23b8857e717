"""Product cards as the templates h5/_card.html and h5/_feed.html want them."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from mall.h5.admission import flag_of, tags_of
from mall.selectors.catalogue import ProductCard
from mall.selectors.rewards import RewardCard


def product_card(card: ProductCard) -> dict[str, Any]:
    """One product: a tap opens it, the round button adds its only SKU to the cart."""
    url = reverse("mall:product", args=[card.id])
    can_add = card.sku_count == 1 and card.access.is_open
    kinds = [f"{card.sku_count} 种规格"] if card.sku_count > 1 else []
    return {
        "id": card.id,
        "url": url,
        "name": card.name,
        "subtitle": card.subtitle,
        "image": card.image,
        "price_cents": card.price_cents,
        "list_price_cents": card.list_price_cents,
        "member_price_cents": card.member_price_cents,
        "is_member_price": card.is_member_price,
        "tags": tags_of(card.access) + kinds,
        "flag": flag_of(card.access),
        "sold": card.sold_count,
        "sold_out": card.is_sold_out,
        "add_url": reverse("mall:cart-add-one", args=[card.sku_id]) if can_add else "",
        "access": card.access,
    }


def product_cards(cards: Iterable[ProductCard]) -> list[dict[str, Any]]:
    """Several products, in order."""
    return [product_card(card) for card in cards]


def reward_cards(cards: Iterable[RewardCard], *, balance: int | None) -> list[dict[str, Any]]:
    """Goods for points; who is signed in sees what is still missing."""
    return [
        {
            "id": card.id,
            "url": reverse("mall:reward", args=[card.id]),
            "name": card.name,
            "subtitle": card.subtitle,
            "image": card.image,
            "points": card.points,
            "was_points": card.base_points if card.base_points > card.points else 0,
            "points_label": f"{card.points:,} 积分",
            "cash_cents": card.cash_cents,
            "worth_cents": card.worth_cents,
            "sold_out": card.is_sold_out,
            "flag": flag_of(card.access) or ("限时折扣" if card.base_points > card.points else ""),
            "tags": tags_of(card.access),
            "access": card.access,
            "missing": 0 if balance is None else max(0, card.points - balance),
        }
        for card in cards
    ]


def next_page(name: str, *args: object, cursor: str, **query: str) -> str:
    """Address of the next part of a list; empty at its end."""
    return address(name, *args, cursor=cursor, **query) if cursor else ""


def address(name: str, *args: object, **query: str) -> str:
    """Address of a page with the parts of the query that say something."""
    values = urlencode({key: value for key, value in query.items() if value})
    return f"{reverse(name, args=args)}?{values}" if values else reverse(name, args=args)
