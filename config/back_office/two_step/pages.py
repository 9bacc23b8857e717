"""The pages of the second step: the code at log-in, and the page on which staff switch it on and off."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import segno
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME, login
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import mark_safe

from config import lock_out
from config.back_office.two_step import codes, devices, steps
from config.back_office.two_step.forms import CodeForm, FirstCodeForm
from config.core import policies
from config.core.crypto import DecryptionFailed, decrypt, encrypt
from config.core.db import edge_transaction
from config.core.errors import DomainError
from config.core.shop import shop_name

_SECRET = "two_step_secret"  # noqa: S105 (the name of a place in the session)
_CONTEXT = "two-step-set-up"
_SECRET_LASTS = timedelta(minutes=30)


class PasswordStep(LoginView):
    """Django's log-in; whoever has switched the second step on is not logged in yet."""

    def form_valid(self, form: Any) -> HttpResponse:
        user = form.get_user()
        if devices.device_id_of(user_id=user.pk) is None:
            return super().form_valid(form)
        steps.wait_for_code(self.request, user, at=timezone.now())
        return redirect(with_next(steps.CODE_PAGE, self.get_redirect_url()))


def with_next(page: str, goal: str) -> str:
    """The address of a two-step page that leads on to `goal`."""
    return f"{reverse(f'admin:{page}')}?{REDIRECT_FIELD_NAME}={quote(goal or reverse('admin:index'), safe='/')}"


def code_page(request: HttpRequest, *, site: AdminSite) -> HttpResponse:
    """The second step: of a log-in whose password was right, or of a session that has not given a code yet."""
    at = timezone.now()
    is_logged_in = steps.lacking(request) == steps.CODE_PAGE
    user: Any = request.user if is_logged_in else steps.waiting_user(request, at=at)
    if user is None:
        return (
            redirect(_goal(request)) if site.has_permission(request) else redirect(with_next("login", _goal(request)))
        )
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        verdict = judge(request, user=user, code=form.cleaned_data["code"], at=at)
        if verdict is None:
            return lock_out.locked_out(request, site=site, username=user.get_username())
        if verdict.is_right:
            _let_in(request, user, is_logged_in=is_logged_in, verdict=verdict)
            return redirect(_goal(request))
        form.add_error("code", _refusal(verdict))
    context = {"title": "两步验证", "form": form, "goal": _goal(request), "who": user, "is_logged_in": is_logged_in}
    return _page(request, site, "admin/two_step/code.html", context)


def judge(request: HttpRequest, *, user: Any, code: str, at: datetime) -> devices.Verdict | None:
    """What becomes of the code; None when that account is locked out at this address. Wrong ones lock out, too."""
    username = user.get_username()
    if not lock_out.may_try(request, username=username):
        return None
    with edge_transaction():
        verdict = devices.check_code(user_id=user.pk, code=code, at=at)
    if verdict.is_right or verdict.wait_seconds:
        return verdict
    return None if lock_out.count_failure(request, username=username) else verdict


def _let_in(request: HttpRequest, user: Any, *, is_logged_in: bool, verdict: devices.Verdict) -> None:
    """Log in, now that both steps are done; that forgets the wrong tries."""
    steps.stop_waiting(request)
    if is_logged_in:
        request.session.cycle_key()
        lock_out.forget_failures(request, user=user)
    else:
        login(request, user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    device_id = devices.device_id_of(user_id=user.pk)
    assert device_id is not None
    steps.pass_through(request, device_id=device_id)
    if verdict.is_backup_code:
        left = devices.backup_codes_left(user_id=user.pk)
        messages.warning(request, f"已用掉一个备用码，还剩 {left} 个。手机丢了请在「两步验证」里关闭后重新开启")


def set_up_page(request: HttpRequest, *, site: AdminSite) -> HttpResponse:
    """Switch the second step on, off, or renew the backup codes; only for staff who have passed it if it is on."""
    lacking = steps.lacking(request)
    if lacking == steps.CODE_PAGE:
        return redirect(with_next(steps.CODE_PAGE, request.get_full_path()))
    if lacking is None and not site.has_permission(request):
        return redirect(with_next("login", request.get_full_path()))
    if devices.device_id_of(user_id=int(request.user.pk or 0)) is None:
        return _off_page(request, site)
    return _on_page(request, site)


def _off_page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """The QR code, and the field for the first code."""
    at = timezone.now()
    user: Any = request.user
    secret = _secret_in_session(request, at=at)
    form = FirstCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            with edge_transaction():
                device_id, fresh = devices.switch_on(
                    user_id=user.pk, secret=secret, code=form.cleaned_data["code"], at=at
                )
        except DomainError as error:
            form.add_error("code", error.text)
        else:
            request.session.pop(_SECRET, None)
            request.session.cycle_key()
            steps.pass_through(request, device_id=device_id)
            return _backup_codes_page(request, site, fresh, "两步验证已开启")
    app_address = codes.address_for_app(secret=secret, shop=shop_name(), username=user.get_username())
    picture = segno.make(app_address, error="m", micro=False).svg_inline(
        scale=4, border=4, light="#fff", dark="#000", svgclass="mall-qr", omitsize=True, title="两步验证二维码"
    )
    context = {
        "title": "开启两步验证",
        "form": form,
        "picture": mark_safe(picture),  # noqa: S308 (made of digits by segno)
        "secret": " ".join(secret[place : place + 4] for place in range(0, len(secret), 4)),
        "is_demanded": policies.current().staff_two_step_required,
        "goal": _goal(request),
    }
    return _page(request, site, "admin/two_step/off.html", context)


def _on_page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """How many backup codes are left; switching off and new codes, for a code each."""
    user: Any = request.user
    is_demanded = policies.current().staff_two_step_required
    form = CodeForm(request.POST or None)
    form.fields["code"].widget.attrs.pop("autofocus", None)
    if request.method == "POST" and form.is_valid():
        if "off" in request.POST and is_demanded:
            form.add_error("code", "店铺要求所有员工开启两步验证，不能关闭")
        else:
            verdict = judge(request, user=user, code=form.cleaned_data["code"], at=timezone.now())
            if verdict is None:
                return lock_out.locked_out(request, site=site, username=user.get_username())
            if verdict.is_right:
                lock_out.forget_failures(request, user=user)
                return _changed(request, site)
            form.add_error("code", _refusal(verdict))
    left = devices.backup_codes_left(user_id=user.pk)
    context = {"title": "两步验证", "form": form, "left": left, "total": codes.BACKUP_CODES, "is_demanded": is_demanded}
    return _page(request, site, "admin/two_step/on.html", context)


def _changed(request: HttpRequest, site: AdminSite) -> HttpResponse:
    user: Any = request.user
    if "off" not in request.POST:
        with edge_transaction():
            fresh = devices.renew_backup_codes(user_id=user.pk)
        return _backup_codes_page(request, site, fresh, "新的备用码")
    with edge_transaction():
        devices.switch_off(user_id=user.pk)
    steps.forget(request)
    messages.success(request, "两步验证已关闭，登录只需要密码")
    return redirect(f"admin:{steps.SET_UP_PAGE}")


def _backup_codes_page(request: HttpRequest, site: AdminSite, fresh: list[str], title: str) -> HttpResponse:
    """The one time that the backup codes are shown."""
    return _page(
        request, site, "admin/two_step/backup_codes.html", {"title": title, "codes": fresh, "goal": _goal(request)}
    )


def _page(request: HttpRequest, site: AdminSite, template: str, context: dict[str, Any]) -> HttpResponse:
    """Inside the back office, or as bare as the log-in for whoever has not come in yet."""
    is_inside = site.has_permission(request)
    layout = "admin/base_site.html" if is_inside else "unfold/layouts/unauthenticated.html"
    request.current_app = site.name
    return TemplateResponse(request, template, {**site.each_context(request), "layout": layout, **context})


def _secret_in_session(request: HttpRequest, *, at: datetime) -> str:
    """The secret that this session is about to confirm, sealed there; a new one when it is old."""
    kept = request.session.get(_SECRET)
    if kept and at - datetime.fromisoformat(kept["at"]) <= _SECRET_LASTS:
        try:
            return decrypt(kept["sealed"], context=_CONTEXT)
        except DecryptionFailed:
            pass  # sealed with a key that has gone since
    secret = codes.new_secret()
    request.session[_SECRET] = {"sealed": encrypt(secret, context=_CONTEXT), "at": at.isoformat()}
    return secret


def _goal(request: HttpRequest) -> str:
    """Where the log-in leads: a page of ours, else the dashboard."""
    goal = request.POST.get(REDIRECT_FIELD_NAME, request.GET.get(REDIRECT_FIELD_NAME, ""))
    is_ours = url_has_allowed_host_and_scheme(
        goal, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return goal if is_ours else reverse("admin:index")


def _refusal(verdict: devices.Verdict) -> str:
    if verdict.wait_seconds:
        return f"输错次数过多，请在 {verdict.wait_seconds} 秒后再试"
    return "验证码不对或已用过，请输入应用里现在显示的 6 位数字"
