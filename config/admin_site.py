"""The back office: Unfold's admin site under our own app config."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from axes.apps import AppConfig as AxesConfig
from constance.apps import ConstanceConfig
from django.contrib.admin.apps import AdminConfig
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.sites import UnfoldAdminSite

from config.core.staff_history import staff_at_work


class MallAdminConfig(AdminConfig):
    """django.contrib.admin with our site as the default."""

    default_site = "config.admin_site.MallAdminSite"

    def ready(self) -> None:
        super().ready()
        from config import settings_page

        settings_page.register()


class LockOutConfig(AxesConfig):
    """django-axes under a name that staff read."""

    verbose_name = "登录锁定"


class SettingsConfig(ConstanceConfig):
    """django-constance under a name that staff read."""

    verbose_name = "店铺设置"


class MallAdminSite(UnfoldAdminSite):
    """Unfold's site; a log-in that names no page leads to the dashboard, not to the shop that members see."""

    index_title = "经营看板"

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        from config.lock_out import locked_out

        if "next" not in request.GET and "next" not in request.POST:
            page = reverse(f"{self.name}:login", current_app=self.name)
            return redirect(f"{page}?next={reverse(f'{self.name}:index', current_app=self.name)}")
        response = super().login(request, extra_context)
        return locked_out(request, site=self) if getattr(request, "axes_locked_out", False) else response

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Callable[..., Any]:
        """Whatever a page of the back office saves is in the history as its user's doing."""

        @wraps(view)
        def by_staff(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            with staff_at_work(request.user):
                return view(request, *args, **kwargs)

        return super().admin_view(by_staff, cacheable)

    def search(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Unfold's result lists, filled by config.admin_search."""
        from config import admin_search

        started = time.monotonic()
        text = request.GET.get("s", "").replace("\0", "").strip().lower()[:100]
        if not text:
            return HttpResponse()
        results = admin_search.find_pages(request=request, text=text)
        is_extended = "extended" in request.GET
        if is_extended:
            results += admin_search.find_rows(request=request, text=text)
        paginator = Paginator(results, max(len(results), 1))
        context = {
            "page_obj": paginator,
            "results": paginator.page(1),
            "page_counter": 0,
            "execution_time": time.monotonic() - started,
            "command_show_history": True,
        }
        template = "command_results" if is_extended else "search_results"
        return TemplateResponse(request, f"unfold/helpers/{template}.html", context, headers={"HX-Trigger": "search"})
