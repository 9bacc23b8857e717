"""What a product says to who may not buy it, or not yet, and the ways to change that."""

from typing import Any

from django.urls import reverse

from mall.rules.admission import Access
from mall.selectors.admission import opening


def tags_of(access: Access) -> list[str]:
    """For a list, one for each who may buy: 黄金会员及以上专享; none for goods that everybody may buy."""
    return [f"{one}专享" for one in access.for_whom.split("、") if one]


def flag_of(access: Access) -> str:
    """For the corner of a picture: when it opens, or that this viewer needn't wait."""
    if access.opens_at is not None:
        return f"{opening(access.opens_at)} 开售"
    return "提前购" if access.is_early else ""


def ways_in(access: Access) -> list[dict[str, str]]:
    """Where who may not buy learns how to become somebody who may."""
    if access.is_for_viewer:
        return []
    ways = [{"url": reverse("members:benefits"), "name": "看看会员等级"}] if access.by_tier else []
    return ways + ([{"url": reverse("members:plans"), "name": "去开通会员"}] if access.by_plan else [])


def notice_of(access: Access) -> dict[str, Any]:
    """The sentence for the product's page, with the ways; empty when there is nothing to say."""
    if not access.is_for_viewer:
        return {"text": f"仅限{access.for_whom}购买", "ways": ways_in(access), "is_barred": True}
    if access.opens_at is not None:
        everybody = access.on_sale_from if access.on_sale_from != access.opens_at else None
        rest = f"（你可提前购买，公开开售时间 {opening(everybody)}）" if everybody else ""
        return {"text": f"{opening(access.opens_at)} 开售{rest}", "ways": [], "is_barred": True}
    if access.is_early and access.on_sale_from is not None:
        return {"text": f"你可提前购买，{opening(access.on_sale_from)} 公开开售", "ways": [], "is_barred": False}
    return {"text": f"{access.for_whom}专享", "ways": [], "is_barred": False} if access.for_whom else {}
