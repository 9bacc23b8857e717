"""What lapses soon, and what to do about it."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from config.core.blocks import Placement, RenderedBlock, UnknownBlockKind, Viewer, render_plan
from members.h5.links import link_to
from members.h5.session import member_required
from members.selectors.centre import profile
from members.selectors.lapsing import Lapsing, lapsing

_BLOCK = Placement(id=1, kind="rewards_in_reach", config={"title": "现在就能兑"})


@require_safe
@member_required
def lapsing_page(request: HttpRequest, *, member_id: int) -> HttpResponse:
    """Every moment at which points lapse, and the goods that the balance already pays for."""
    at = timezone.now()
    found = lapsing(account=profile(member_id=member_id).points_account, at=at)
    values = _values(found) | {"blocks": _rewards(member_id, found, at)}
    return render(request, "h5/members/lapsing.html", values)


def _rewards(member_id: int, found: Lapsing, at: datetime) -> list[RenderedBlock]:
    """The block of a higher room; nothing where this installation has none, or there is nothing to spend."""
    if not found.available:
        return []
    try:
        return render_plan([_BLOCK], Viewer(member_id=member_id, at=at))
    except UnknownBlockKind:
        return []


def _values(found: Lapsing) -> dict[str, Any]:
    mall = link_to("mall:points-mall")
    return {
        "available": found.available,
        "soon": found.soon,
        "lasting": found.lasting,
        "later": found.later,
        "moments": [
            {
                "points": one.points,
                "last_day": one.last_day,
                "is_soon": one.is_soon,
                "left": "今天到期" if one.days_left == 0 else f"还剩 {one.days_left:,} 天",
            }
            for one in found.moments
        ],
        "reach_url": f"{mall}?reach=1" if mall else "",
        "home_url": link_to("mall:home"),
        "check_in_url": link_to("campaigns:check-in"),
    }
