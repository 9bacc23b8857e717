"""Benefits."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from members.h5.links import link_to
from members.h5.session import member_required
from members.selectors.centre import ladder_of, profile
from members.selectors.periods import held_ask
from members.values import benefit_table, benefit_tabs, tier_card_values, tier_rules


@require_safe
@member_required
def benefits_page(request: HttpRequest, *, member_id: int) -> HttpResponse:
    """All tiers compared, the member's own marked, and what the next one adds and needs."""
    who = profile(member_id=member_id)
    at = timezone.now()
    ladder = ladder_of(who=who, at=at)
    held = held_ask(member_id=member_id, growth_account=who.growth_account, at=at).answer()
    tabs = benefit_tabs(ladder, held)
    asked = request.GET.get("tier")
    values = {
        "card": tier_card_values(ladder, held),
        "tabs": tabs,
        "tab": next((tab for tab in tabs if tab["code"] == asked), next(tab for tab in tabs if tab["is_own"])),
        "gained": [{"title": b.title, "subtitle": b.note, "icon": b.icon} for b in ladder.gained_next],
        "table": benefit_table(ladder),
        "rules": tier_rules(),
        "back_url": link_to("mall:member-centre") or "/",
    }
    return render(request, "h5/members/benefits.html", values)
