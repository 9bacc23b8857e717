"""The member's profile: what they say about themselves, and how they look."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from config.core.db import edge_transaction
from config.core.errors import DomainError
from config.core.time import local_date
from members.h5.forms import place, region_choices
from members.h5.links import link_to
from members.h5.profile_forms import AvatarForm, ProfileForm, initial_values
from members.h5.session import member_required
from members.rules import profiles as rules
from members.selectors.profiles import WholeProfile, whole_profile
from members.services import avatars
from members.services.profiles import save_profile
from members.values import avatar_url

_FIRST_YEAR = 1910


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def profile_page(request: HttpRequest, *, member_id: int) -> HttpResponse:
    """What the member says about themselves, what is still missing, and the way out."""
    at = timezone.now()
    who = whole_profile(member_id=member_id, at=at)
    form = ProfileForm(request.POST if request.method == "POST" else None, initial=initial_values(who))
    if request.method == "POST":
        form.is_valid()
        try:
            with edge_transaction():
                save_profile(member_id=member_id, change=form.change(), at=at)
        except DomainError as refusal:
            place(form, refusal, region_code="district", birthday="year", birthday_calendar="year")
            return _profile(request, who, form, status=422)
        messages.success(request, "资料已保存")
        return redirect(reverse("members:profile"))
    return _profile(request, who, form)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def avatar_page(request: HttpRequest, *, member_id: int) -> HttpResponse:
    """A picture of one's own, or one of the shop's."""
    form = AvatarForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST":
        form.is_valid()
        try:
            _set_avatar(member_id, form)
        except DomainError as refusal:
            place(form, refusal)
            status = 422
        else:
            messages.success(request, "头像已更新")
            return redirect(reverse("members:profile"))
    who = whole_profile(member_id=member_id, at=timezone.now())
    values = {
        "form": form,
        "avatar": avatar_url(who.avatar),
        "choices": [
            {"name": name, "url": avatar_url(name), "is_own": name == who.avatar, "label": f"头像 {number}"}
            for number, name in enumerate(rules.AVATARS, start=1)
        ],
    }
    return render(request, "h5/members/avatar.html", values, status=status)


def _set_avatar(member_id: int, form: AvatarForm) -> None:
    upload = form.cleaned_data.get("image")
    if upload is not None:
        avatars.upload_avatar(member_id=member_id, upload=upload, size=upload.size)
        return
    with edge_transaction():
        avatars.choose_avatar(member_id=member_id, avatar=form.cleaned_data.get("avatar", ""))


def _profile(request: HttpRequest, who: WholeProfile, form: ProfileForm, *, status: int = 200) -> HttpResponse:
    chosen = {name: str(form[name].value() or "") for name in ("province", "city", "district")}
    this_year = local_date(timezone.now()).year
    values: dict[str, Any] = {
        "form": form,
        "who": who,
        "avatar": avatar_url(who.avatar),
        "region": region_choices(**chosen),
        "years": [str(year) for year in range(this_year, _FIRST_YEAR - 1, -1)],
        "months": [str(month) for month in range(1, 13)],
        "days": [str(day) for day in range(1, 32)],
        "chosen_interests": form.chosen_interests(),
        "missing": "、".join(who.missing),
        "back_url": link_to("mall:member-centre") or "/",
    }
    return render(request, "h5/members/profile.html", values, status=status)
