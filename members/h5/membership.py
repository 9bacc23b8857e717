"""Benefits and profile."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from config.core import policies
from config.core.db import edge_transaction
from config.core.errors import DomainError
from config.core.time import local_date
from members.h5.forms import ProfileForm, place
from members.h5.links import link_to
from members.h5.session import member_required
from members.selectors.centre import Profile, ladder_of, profile
from members.services.profiles import save_profile
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


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def profile_page(request: HttpRequest, *, member_id: int) -> HttpResponse:
    """Nickname and birthday, and the way out."""
    who = profile(member_id=member_id)
    initial = {"nickname": who.nickname, "birthday": who.birthday}
    form = ProfileForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST":
        if not form.is_valid():
            return _profile(request, who, form, status=422)
        try:
            with edge_transaction():
                save_profile(member_id=member_id, at=timezone.now(), **form.cleaned_data)
        except DomainError as refusal:
            place(form, refusal)
            return _profile(request, who, form, status=422)
        messages.success(request, "资料已保存")
        return redirect(reverse("members:profile"))
    return _profile(request, who, form)


def _profile(request: HttpRequest, who: Profile, form: ProfileForm, *, status: int = 200) -> HttpResponse:
    values: dict[str, Any] = {
        "form": form,
        "who": {"number": who.number, "phone": who.masked_phone, "birthday": who.birthday},
        "avatar": f"avatar-{who.avatar}",
        "today": local_date(timezone.now()),
        "birthday_is_final": bool(who.birthday) and not policies.current().birthday_may_change,
        "back_url": link_to("mall:member-centre") or "/",
    }
    return render(request, "h5/members/profile.html", values, status=status)
