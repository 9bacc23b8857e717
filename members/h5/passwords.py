"""Logging in by password, and setting, changing or removing one with a fresh code."""

from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from config.core import policies
from config.core.client_address import client_address
from config.core.db import edge_transaction
from config.core.errors import DomainError
from members.h5.forms import TextField, place
from members.h5.links import link_to
from members.h5.session import current_member, current_member_id, member_required, safe_next, sign_in, stay_signed_in
from members.models import User
from members.rules.phones import masked
from members.selectors.centre import profile
from members.services import passwords


class SecretField(forms.CharField):
    """A password as it was typed: spaces count."""

    def __init__(self, *, label: str, autocomplete: str, placeholder: str) -> None:
        attrs = {"autocomplete": autocomplete, "placeholder": placeholder, "maxlength": passwords.MOST}
        super().__init__(label=label, required=False, strip=False, widget=forms.PasswordInput(attrs=attrs))


class PasswordLoginForm(forms.Form):
    """Phone and password."""

    phone = TextField(
        label="手机号",
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "username", "placeholder": "11 位手机号"}),
    )
    password = SecretField(label="密码", autocomplete="current-password", placeholder="登录密码")


class PasswordForm(forms.Form):
    """A code that was sent to the member's phone, and the new password."""

    code = TextField(label="验证码", required=False)
    password = SecretField(label="新密码", autocomplete="new-password", placeholder="至少 8 位，不要太常见")


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def password_login_page(request: HttpRequest) -> HttpResponse:
    """Show the form; the right password starts the session and leads to `next`."""
    target = safe_next(request, default=link_to("mall:member-centre") or resolve_url(settings.LOGIN_REDIRECT_URL))
    if current_member_id(request) is not None:
        return redirect(target)
    form = PasswordLoginForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        form.is_valid()
        try:
            found = passwords.sign_in_by_password(
                **form.cleaned_data, address=client_address(request), at=timezone.now()
            )
        except DomainError as refusal:
            place(form, refusal)
            status = 429 if refusal.http_status == 429 else 422
        else:
            sign_in(request, user_id=found.user_id)
            messages.success(request, "欢迎回来")
            return redirect(target)
    values = {"form": form, "next": safe_next(request, default="")}
    return render(request, "h5/members/password_login.html", values, status=status)


@never_cache
@sensitive_post_parameters("password", "code")
@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def password_page(request: HttpRequest, *, member_id: int) -> HttpResponse:
    """Set, change or (with `remove`) take away the password."""
    if request.method != "POST":
        return _page(request, PasswordForm())
    form = PasswordForm(request.POST)
    form.is_valid()
    fresh: dict[str, Any] = {
        "member_id": member_id,
        "code": form.cleaned_data["code"],
        "at": timezone.now(),
        "but_session": request.session.session_key or "",
    }
    try:
        if "remove" in request.POST:
            passwords.remove_password(**fresh)
        else:
            passwords.set_password(**fresh, password=form.cleaned_data["password"])
    except DomainError as refusal:
        place(form, refusal)
        return _page(request, form, status=422)
    stay_signed_in(request, user_id=int(request.user.pk or 0))
    done = "密码已取消，请用验证码登录" if "remove" in request.POST else "密码已更新"
    messages.success(request, f"{done}；其他设备已退出登录")
    return redirect("members:devices")


@never_cache
@require_POST
@member_required
def password_code(request: HttpRequest, *, member_id: int) -> HttpResponse:
    """Send a code to the member's own phone; what was typed stays, but for the password."""
    form = PasswordForm(request.POST)
    form.is_valid()
    try:
        with edge_transaction():
            passwords.send_code_to_own_phone(member_id=member_id, address=client_address(request), at=timezone.now())
    except DomainError as refusal:
        place(form, refusal, phone="code")
        status = 429 if refusal.http_status == 429 else 422
        return _page(request, form, status=status, wait=refusal.facts.get("seconds"))
    return _page(request, form, wait=policies.current().login_code_interval_seconds, is_sent=True)


def _page(
    request: HttpRequest, form: PasswordForm, *, status: int = 200, wait: int | None = None, is_sent: bool = False
) -> HttpResponse:
    member, user = current_member(request), cast(User, request.user)
    values = {
        "form": form,
        "wait": wait,
        "is_sent": is_sent,
        "has_password": user.has_usable_password(),
        "phone": profile(member_id=member.member_id).masked_phone if member else masked(""),
        "has_inbox": settings.DEV_INBOX,
    }
    is_part = request.htmx  # type: ignore[attr-defined]
    name = "h5/members/_own_code.html" if is_part else "h5/members/password.html"
    return render(request, name, values, status=status)
