"""The back office: Unfold's admin site under our own app config."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import wraps
from http import HTTPStatus
from typing import Any

from axes.apps import AppConfig as AxesConfig
from constance.apps import ConstanceConfig
from django.contrib.admin import ModelAdmin
from django.contrib.admin.apps import AdminConfig
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django_htmx.http import HttpResponseClientRedirect
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
        """The password; config.back_office.two_step asks for the code, and both count towards the lock-out."""
        from config.back_office.two_step import pages, steps
        from config.lock_out import locked_out

        home = reverse(f"{self.name}:index", current_app=self.name)
        goal = request.POST.get("next", request.GET.get("next"))
        if goal is None:
            return redirect(pages.with_next("login", home))
        if request.method == "GET":
            lacking = steps.lacking(request)
            if lacking or self.has_permission(request):
                return redirect(pages.with_next(lacking, goal) if lacking else home)
        context = {
            **self.each_context(request),
            "title": "登录",
            "app_path": request.get_full_path(),
            "username": request.user.get_username(),
            **(extra_context or {}),
        }
        request.current_app = self.name
        step = pages.PasswordStep.as_view(
            extra_context=context, authentication_form=self.login_form, template_name="admin/login.html"
        )
        response: HttpResponse = step(request)  # type: ignore[assignment]
        return locked_out(request, site=self) if getattr(request, "axes_locked_out", False) else response

    def has_permission(self, request: HttpRequest) -> bool:
        """Staff who have taken every step of the log-in; leaving is open to whoever has taken the first."""
        from config.back_office.two_step import steps

        if not super().has_permission(request):
            return False
        return request.path == reverse(f"{self.name}:logout") or steps.lacking(request) is None

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Callable[..., Any]:
        """For sessions that lack no step; whatever the page does is in the histories as its user's doing."""

        @wraps(view)
        def by_staff(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            with self.at_work(request):
                return view(request, *args, **kwargs)

        checked = super().admin_view(by_staff, cacheable)

        @wraps(checked)
        def after_both_steps(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            from config.back_office.two_step import pages, steps

            lacking = steps.lacking(request)
            if lacking is None or request.path == reverse(f"{self.name}:logout"):
                return checked(request, *args, **kwargs)
            page = pages.with_next(lacking, request.get_full_path() if request.method == "GET" else "")
            return HttpResponseClientRedirect(page) if getattr(request, "htmx", False) else redirect(page)

        return after_both_steps

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """One's own password; that it was changed is a deed."""
        from django.contrib.admin.models import CHANGE

        from config.back_office.audit.deeds import book_of

        response: HttpResponse = super().password_change(request, extra_context)
        if response.status_code == HTTPStatus.FOUND:
            book = book_of(request)
            book.note_message(row=book.user, flag=CHANGE, message="修改了自己的密码")
        return response

    def at_work(self, request: HttpRequest) -> AbstractContextManager[None]:
        """Whatever is saved inside is this request's user's doing, row by row and in the list of deeds."""
        from config.back_office.audit.deeds import book_of

        return staff_at_work(request.user, note=book_of(request).note_row)

    def extra_urls(self) -> list[URLPattern]:
        """The pages that a session reaches before it has taken the second step."""
        from config.back_office.two_step import pages, steps

        return [
            path("two-step/", self._step(pages.set_up_page), name=steps.SET_UP_PAGE),
            path("two-step/code/", self._step(pages.code_page), name=steps.CODE_PAGE),
        ]

    def _step(self, page: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(page)
        def step(request: HttpRequest) -> HttpResponse:
            if not request.user.is_authenticated:
                return page(request, site=self)
            with self.at_work(request):
                return page(request, site=self)

        return never_cache(csrf_protect(sensitive_post_parameters("code")(step)))

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Every page that is registered here notes what staff do on it."""
        from config.back_office.audit.registering import noted

        super().register(model_or_iterable, noted(admin_class or ModelAdmin), **options)

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
