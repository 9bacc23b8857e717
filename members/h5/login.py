"""Logging in: phone and code on one page; who is unknown becomes a member."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from config.core import policies
from config.core.client_address import client_address
from config.core.db import edge_transaction
from config.core.errors import DomainError, NotFound
from members.h5 import consent, oauth, touches
from members.h5.forms import LoginForm, place
from members.h5.links import link_to
from members.h5.session import current_member_id, safe_next, sign_in, sign_out
from members.selectors.dev_inbox import latest_messages
from members.selectors.tiers import tiers
from members.services.login_codes import send_code
from members.services.sign_in import sign_in_by_code

_ART = {"points_multiplier": "coin", "discount": "ticket", "free_shipping": "truck", "birthday_gift": "birthday-cake"}


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def login_page(request: HttpRequest) -> HttpResponse:
    """Show the form; a right code starts the session and leads to `next`."""
    target = safe_next(request, default=link_to("mall:member-centre") or resolve_url(settings.LOGIN_REDIRECT_URL))
    if current_member_id(request) is not None:
        return redirect(target)
    if request.method != "POST":
        return oauth.start_unasked(request) or _page(request, LoginForm())
    form, at = LoginForm(request.POST), timezone.now()
    form.is_valid()
    try:
        agreed = consent.ticked(request)
        found = sign_in_by_code(
            phone=form.cleaned_data["phone"],
            code=form.cleaned_data["code"],
            channel="h5",
            at=at,
            touch=touches.touch_of(request),
            who=oauth.waiting(request, at=at),
        )
    except DomainError as refusal:
        oauth.forget_taken(request, refusal)
        place(form, refusal)
        return _page(request, form, status=422)
    oauth.forget(request)
    sign_in(request, user_id=found.user_id)
    consent.keep(member_id=found.member_id, version=agreed, at=at)
    messages.success(request, "欢迎加入，你已成为会员" if found.is_new else "欢迎回来")
    return redirect(target)


@never_cache
@require_POST
def login_code(request: HttpRequest) -> HttpResponse:
    """Send a code and answer with the fields, waiting; what was typed stays."""
    form = LoginForm(request.POST)
    form.is_valid()
    try:
        with edge_transaction():
            send_code(phone=form.cleaned_data["phone"], address=client_address(request), at=timezone.now())
    except DomainError as refusal:
        place(form, refusal)
        status = 429 if refusal.http_status == 429 else 422
        return _page(request, form, status=status, wait=refusal.facts.get("seconds"))
    return _page(request, form, wait=policies.current().login_code_interval_seconds, is_sent=True)


@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """End the session; inside WeChat nobody is signed in again unasked."""
    sign_out(request)
    oauth.note_tried(request)
    messages.success(request, "已退出登录")
    return redirect(resolve_url(settings.LOGIN_REDIRECT_URL))


@never_cache
@require_safe
def dev_inbox(request: HttpRequest) -> HttpResponse:
    """What the console sender sent; no such page outside development."""
    if not settings.DEV_INBOX:
        raise NotFound()
    return render(request, "h5/members/dev_inbox.html", {"rows": latest_messages(limit=30)})


def _page(
    request: HttpRequest, form: LoginForm, *, status: int = 200, wait: int | None = None, is_sent: bool = False
) -> HttpResponse:
    values: dict[str, Any] = {
        "form": form,
        "wait": wait,
        "is_sent": is_sent,
        "has_inbox": settings.DEV_INBOX,
        "next": safe_next(request, default=""),
        "notice": consent.asked(request),
        "has_wechat": oauth.is_offered(request),
    }
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "h5/members/_login_fields.html", values, status=status)
    top = tiers()[-1].benefits[:3]
    values["gains"] = [{"title": benefit.title, "art": _ART.get(benefit.kind, "gift")} for benefit in top]
    return render(request, "h5/members/login.html", values, status=status)
