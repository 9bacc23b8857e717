"""Pages made of blocks: home and member centre; and the look of all pages."""

import logging

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from config.core.blocks import RenderedBlock, Viewer, kind_names, render_plan
from config.core.fragments import alike
from config.core.own_pages import page_before
from mall.h5.forms import ThemeForm
from mall.h5.themes import keep_theme, theme_of
from mall.h5.viewers import CART_UNITS, viewer_of
from mall.selectors.carts import cart_count_ask
from mall.selectors.pages import placements

logger = logging.getLogger(__name__)

_THEMES = (
    {"value": "auto", "name": "跟随系统", "icon": "device-mobile"},
    {"value": "light", "name": "浅色", "icon": "sun"},
    {"value": "dark", "name": "深色", "icon": "moon"},
)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The shop's front page, as staff composed it."""
    viewer = viewer_of(request, at=timezone.now())
    blocks = _blocks("home", viewer)
    return render(request, "h5/mall/home.html", {"blocks": blocks, "viewer": viewer})


@require_safe
def member_centre(request: HttpRequest) -> HttpResponse:
    """Everything that is the member's; a visitor is invited in."""
    viewer = viewer_of(request, at=timezone.now())
    choices = alike("h5/mall/_theme_choices.html", {"themes": _THEMES, "theme": theme_of(request)})
    context = {"blocks": _blocks("member_centre", viewer), "viewer": viewer, "theme_choices": choices}
    return render(request, "h5/mall/me.html", context)


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep the chosen look on this device and go back."""
    form = ThemeForm(request.POST)
    if not form.is_valid():
        return render(request, "404.html", {"reason": "没有这种外观"}, status=422)
    response = redirect(_page_before(request))
    keep_theme(response, form.cleaned_data["theme"])
    return response


def _blocks(page: str, viewer: Viewer) -> list[RenderedBlock]:
    """The page's blocks; a placement of a kind that no room knows any more is left out and logged."""
    known = kind_names()
    placed = placements(page=page)
    for placement in placed:
        if placement.kind not in known:
            logger.error("page block of an unknown kind", extra={"kind": placement.kind, "placement": placement.id})
    member_id = viewer.member_id
    beside = {} if member_id is None else {CART_UNITS: cart_count_ask(member_id=member_id)}
    return render_plan([placement for placement in placed if placement.kind in known], viewer, beside=beside)


def _page_before(request: HttpRequest) -> str:
    """The page of this site that the request came from, else the member centre."""
    return page_before(request) or reverse("mall:member-centre")
