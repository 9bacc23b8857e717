"""Benefits."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from config.core import policies
from members.h5.links import link_to
from members.h5.session import member_required
from members.selectors.centre import ladder_of, profile
from members.values import benefit_table, tier_card_values


@require_safe
@member_required
def benefits_page(request: HttpRequest, *, member_id: int) -> HttpResponse:
    """All tiers compared, the member's own marked, and what the next one adds and needs."""
    who = profile(member_id=member_id)
    ladder = ladder_of(who=who, at=timezone.now())
    values = {
        "card": tier_card_values(ladder),
        "gained": [{"title": b.title, "subtitle": b.subtitle, "icon": b.icon} for b in ladder.gained_next],
        "table": benefit_table(ladder),
        "window_months": policies.current().growth_window_months,
        "back_url": link_to("mall:member-centre") or "/",
    }
    return render(request, "h5/members/benefits.html", values)
