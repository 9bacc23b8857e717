"""The page of settings, for owners: every value explained and bounded, every change in the history."""

from typing import Any

from celery import current_app
from constance import settings as constance_settings
from constance.admin import Config, ConstanceAdmin
from constance.codecs import dumps
from constance.forms import ConstanceForm
from constance.models import Constance
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from config.back_office.audit.deeds import book_of
from config.core import policies, stored_settings
from config.core.db import edge_transaction

_OBJECT = "settings"


class SettingsForm(ConstanceForm):
    """All settings; a value that equals the default is not stored, so that it follows the default."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if name in constance_settings.CONFIG:
                field.label = title_of(name)

    def clean(self) -> dict[str, Any]:
        super().clean()
        values = {name: self.cleaned_data[name] for name in policies.names() if name in self.cleaned_data}
        if not self.errors:
            try:
                policies.Policies(**values)
            except ValueError:  # each is within its bounds, so it is the one rule between two
                self.add_error("points_deduction_step", "按现在的兑换比例，这么多积分还不值 1 分钱")
        return self.cleaned_data

    def save(self) -> list[tuple[str, str, str]]:
        """Store what changed. Returns (title, old, new) of each change, in words."""
        changed: list[tuple[str, str, str]] = []
        for name, (default, *_) in constance_settings.CONFIG.items():
            old, new = self.initial[name], self.cleaned_data[name]
            if new == old:
                continue
            if new == default:
                Constance.objects.filter(key=name).delete()
            else:
                Constance.objects.update_or_create(key=name, defaults={"value": dumps(new)})
            changed.append((title_of(name), self.shown(name, old), self.shown(name, new)))
        transaction.on_commit(stored_settings.refresh)
        if self.cleaned_data["growth_window_months"] != self.initial["growth_window_months"]:
            transaction.on_commit(lambda: current_app.send_task("members.reevaluate_tiers"), robust=True)
        return changed

    def shown(self, name: str, value: Any) -> str:
        """That value as staff read it."""
        field = self.fields[name]
        if isinstance(value, bool):
            return "开" if value else "关"
        return str(dict(getattr(field, "choices", ())).get(value, field.prepare_value(value))) or "（空）"


class SettingsAdmin(ConstanceAdmin):
    """django-constance's page in one transaction, with the changes in words."""

    is_for_owners_alone = True
    change_list_form = SettingsForm
    change_list_template = "admin/settings/page.html"

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        history = reverse("admin:constance_config_history")
        context = {"title": "店铺设置", "history_url": history, **(extra_context or {})}
        if request.method != "POST":
            return super().changelist_view(request, context)
        with edge_transaction():
            return super().changelist_view(request, context)

    def history_view(
        self, request: HttpRequest, object_id: str | None = None, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Every change, the newest first. django-constance names a table that is not there; this names its own."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        changes = LogEntry.objects.filter(content_type=_content_type(), object_id=_OBJECT).select_related("user")
        page = Paginator(changes.order_by("-action_time", "-pk"), 100)
        chosen = page.get_page(request.GET.get("p"))
        context = {
            **self.admin_site.each_context(request),
            "title": "店铺设置的修改记录",
            "opts": self.model._meta,
            "action_list": chosen,
            "page_range": page.get_elided_page_range(chosen.number),
            "page_var": "p",
            "pagination_required": page.num_pages > 1,
        }
        return TemplateResponse(request, "admin/object_history.html", context)

    def _log_config_change(self, request: HttpRequest, changed_fields: list[tuple[str, str, str]]) -> None:
        for title, old, new in changed_fields:
            book_of(request).note_settings(title=title, old=old, new=new)
        LogEntry.objects.bulk_create(
            LogEntry(
                user_id=int(request.user.pk or 0),
                content_type=_content_type(),
                object_id=_OBJECT,
                object_repr="店铺设置",
                action_flag=CHANGE,
                change_message=f"{title}：{old} → {new}",
            )
            for title, old, new in changed_fields
        )

    def get_config_value(self, name: str, options: Any, form: Any, initial: Any) -> dict[str, Any]:
        title, _, words = str(options[1]).partition("\n")
        return {
            **super().get_config_value(name, options, form, initial),
            "title": title,
            "words": words,
            "default_words": form.shown(name, options[0]),
            "reset_to": str(form.fields[name].prepare_value(options[0])).lower()
            if isinstance(options[0], bool)
            else form.fields[name].prepare_value(options[0]),
        }


def _content_type() -> ContentType:
    return ContentType.objects.get_for_model(Constance)


def title_of(name: str) -> str:
    """What staff call that setting."""
    return str(constance_settings.CONFIG[name][1]).partition("\n")[0]


def register() -> None:
    """Put our page in the place of django-constance's."""
    admin.site.unregister([Config])
    admin.site.register([Config], SettingsAdmin)
