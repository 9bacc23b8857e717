"""Whoever guesses a staff password is locked out of the back office for a while; members' log-ins are never counted."""

import math
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth.signals import user_login_failed
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from config.core.client_address import client_address


def address(request: HttpRequest) -> str | None:
    """Where the log-in came from, behind the proxies that the shop trusts; None for a bare socket."""
    return client_address(request) or None


class BackOfficeLockOut(AxesDatabaseHandler):
    """Counts in the database, so that owners see and end lock-outs; asks nothing when a member logs in or out."""

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any
    ) -> None:
        if request is not None and self.is_admin_request(request):
            super().user_login_failed(sender, credentials, request, **kwargs)

    def user_logged_in(self, sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
        if self.is_admin_request(request):
            super().user_logged_in(sender, request, user, **kwargs)

    def user_logged_out(self, sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
        """Nothing is counted when somebody leaves."""


def may_try(request: HttpRequest, *, username: str) -> bool:
    """Whether that account is not locked out at the address of this request."""
    return bool(AxesProxyHandler.is_allowed(request, {"username": username}))


def count_failure(request: HttpRequest, *, username: str) -> bool:
    """Count a wrong code like a wrong password; whether that locks the account out at this address."""
    user_login_failed.send(__name__, credentials={"username": username}, request=request)
    return bool(getattr(request, "axes_locked_out", False))


def forget_failures(request: HttpRequest, *, user: Any) -> None:
    """The tries before a right code no longer count; what a log-in does by itself."""
    AxesProxyHandler.user_logged_in(__name__, request=request, user=user)


def locked_out(request: HttpRequest, *, site: AdminSite, username: str | None = None) -> HttpResponse:
    """The page for whoever is locked out: 429, and when to come back. Without a name: the account that was typed."""
    seconds = _seconds_left(request, request.POST.get("username", "") if username is None else username)
    context = {**site.each_context(request), "title": "登录已锁定", "minutes": math.ceil(seconds / 60)}
    headers = {"Retry-After": str(seconds), "Cache-Control": "no-store"}
    response = render(request, "admin/locked_out.html", context, status=429)
    for name, value in headers.items():
        response[name] = value
    return response


def _seconds_left(request: HttpRequest, username: str) -> int:
    latest = AccessAttempt.objects.filter(username=username, ip_address=address(request)).aggregate(
        at=Max("attempt_time")
    )["at"]
    until = (latest or timezone.now()) + settings.AXES_COOLOFF_TIME
    return max(1, math.ceil((until - timezone.now()).total_seconds()))
