"""The points mall: goods for points, and for points with cash."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from config.core import policies
from mall.h5.admission import notice_of
from mall.h5.cards import next_page, reward_cards
from mall.h5.channel import CHANNEL
from mall.h5.parts import wants_part
from mall.selectors.rewards import RewardChoice, RewardDetail, reward_detail, rewards
from members.h5.session import current_member_id


@require_safe
def points_mall(request: HttpRequest) -> HttpResponse:
    """All goods for points, or those within reach, with what the viewer still lacks."""
    member_id, cursor = current_member_id(request), request.GET.get("cursor", "")
    reach = "1" if member_id is not None and request.GET.get("reach") == "1" else ""
    page = rewards(channel=CHANNEL, at=timezone.now(), member_id=member_id, cursor=cursor, within_reach=bool(reach))
    context = {
        "balance": page.balance,
        "rewards": reward_cards(page.rewards, balance=page.balance),
        "next_url": next_page("mall:points-mall", cursor=page.next_cursor, reach=reach),
        "is_within_reach": bool(reach),
    }
    return render(request, "h5/mall/_rewards.html" if wants_part(request) else "h5/mall/points_mall.html", context)


@require_safe
def reward(request: HttpRequest, product_id: int) -> HttpResponse:
    """One good for points; who lacks points is told how many and where they come from."""
    member_id = current_member_id(request)
    detail = reward_detail(product_id=product_id, channel=CHANNEL, at=timezone.now(), member_id=member_id)
    choice = _choice(detail, request.GET.get("sku", ""))
    context = {
        "reward": detail,
        "reward_url": reverse("mall:reward", args=[product_id]),
        "choices": detail.skus,
        "choice": choice and _choice_values(choice),
        "balance": detail.balance,
        "missing": max(0, choice.points - detail.balance) if choice and detail.balance is not None else 0,
        "is_gone": not any(sku.available for sku in detail.skus),
        "notice": notice_of(detail.access),
        "most": policies.current().max_order_quantity,
        "ways": _ways(),
    }
    return render(request, "h5/mall/reward.html", context)


def _choice(detail: RewardDetail, sku: str) -> RewardChoice | None:
    asked = next((choice for choice in detail.skus if str(choice.id) == sku), None)
    in_stock = next((choice for choice in detail.skus if choice.available), None)
    return asked or in_stock or next(iter(detail.skus), None)


def _choice_values(choice: RewardChoice) -> dict[str, Any]:
    return {
        "id": choice.id,
        "points": choice.points,
        "was_points": choice.base_points if choice.base_points > choice.points else 0,
        "cash_cents": choice.cash_cents,
        "worth_cents": choice.worth_cents,
    }


def _ways() -> list[dict[str, str]]:
    """How points are earned, each with where to go."""
    return [
        {
            "name": "每日签到",
            "text": "连签有惊喜",
            "act": "去签到",
            "icon": "calendar-check",
            "url": reverse("campaigns:check-in"),
        },
        {"name": "下单购物", "text": "实付金额返积分", "act": "去逛逛", "icon": "basket", "url": reverse("mall:home")},
    ]
