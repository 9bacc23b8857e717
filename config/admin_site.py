"""The back office: Unfold's admin site under our own app config."""

from typing import Any

from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from unfold.sites import UnfoldAdminSite


class MallAdminConfig(AdminConfig):
    """django.contrib.admin with our site as the default."""

    default_site = "config.admin_site.MallAdminSite"


class MallAdminSite(UnfoldAdminSite):
    """Unfold's site; a log-in that names no page leads to the dashboard, not to the shop that members see."""

    index_title = "经营看板"

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if "next" not in request.GET and "next" not in request.POST:
            page = reverse(f"{self.name}:login", current_app=self.name)
            return redirect(f"{page}?next={reverse(f'{self.name}:index', current_app=self.name)}")
        return super().login(request, extra_context)
