"""操作记录: one list of what staff did in the whole shop, for owners and whoever may view it."""

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.decorators import display

from config.back_office.models import StaffDeed
from config.core.admin.day_range import DayRangeFilter
from config.core.admin.read_only import ReadOnly
from config.core.admin.spreadsheets import SpreadsheetExport


class StaffFilter(DropdownFilter):
    """By member of staff."""

    title = "员工"
    parameter_name = "staff"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        staff = get_user_model().objects.filter(is_staff=True).order_by("username")
        return [(str(one.pk), one.get_full_name() or one.get_username()) for one in staff]

    def queryset(self, request: HttpRequest, queryset: QuerySet[StaffDeed]) -> QuerySet[StaffDeed]:
        chosen = self.value()
        return queryset.filter(user_id=int(chosen)) if chosen and chosen.isdecimal() else queryset


class ModelFilter(DropdownFilter):
    """By what was acted upon."""

    title = "对象类型"
    parameter_name = "of"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """What the back office has pages or histories of; asked of nobody, so it costs no query."""
        kept = (model for model in apps.get_models() if hasattr(model._meta, "simple_history_manager_attribute"))
        pages = (model for model in admin.site._registry if hasattr(model._meta, "label_lower"))
        labels = {model._meta.label_lower for model in [*kept, *pages] if model is not StaffDeed}
        return sorted(((label, title_of(label)) for label in labels), key=lambda choice: choice[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[StaffDeed]) -> QuerySet[StaffDeed]:
        return queryset.filter(model=self.value()) if self.value() else queryset


@admin.register(StaffDeed)
class StaffDeedAdmin(ReadOnly, SpreadsheetExport, ModelAdmin):
    """What staff did, the newest first."""

    empty_text = "员工在后台新增、修改、删除、导出或按下按钮之后，这里就有记录，不用做什么"
    list_display = ["at", "who", "kind_badge", "kind_of_object", "what", "content"]
    list_display_links = ["at"]
    list_filter = [StaffFilter, ModelFilter, ("kind", ChoicesDropdownFilter), ("at", DayRangeFilter)]
    list_filter_submit = True
    list_select_related = ["user"]
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["label", "text"]
    search_help_text = "按对象或说明搜索"
    ordering = ["-at", "-id"]
    fields = ["at", "who", "kind_badge", "kind_of_object", "what", "content"]
    readonly_fields = ["who", "kind_badge", "kind_of_object", "what", "content"]

    @display(description="员工", ordering="user__username")
    def who(self, deed: StaffDeed) -> str:
        return str(deed.user.get_full_name() or deed.user.get_username())

    @display(
        description="类型",
        label={"新增": "success", "修改": "info", "删除": "danger", "操作": "primary", "导出": "warning"},
    )
    def kind_badge(self, deed: StaffDeed) -> str:
        return str(deed.get_kind_display())

    @display(description="对象类型")
    def kind_of_object(self, deed: StaffDeed) -> str:
        return title_of(deed.model)

    @display(description="对象")
    def what(self, deed: StaffDeed) -> str | SafeString:
        page = page_of(deed)
        return format_html('<a class="mall-link" href="{}">{}</a>', page, deed.label) if page else deed.label or "—"

    @display(description="内容")
    def content(self, deed: StaffDeed) -> str | SafeString:
        lines = format_html_join("", '<div class="mall-change"><b>{}</b>：{} → {}</div>', deed.changes)
        return format_html("{}{}", deed.text, lines) if deed.text or deed.changes else "—"


def title_of(label: str) -> str:
    """What staff call that kind of object; the label itself when it is gone from the program."""
    try:
        return str(apps.get_model(label)._meta.verbose_name)
    except LookupError:
        return label


def page_of(deed: StaffDeed) -> str | None:
    """The page of the object, when there is one and it was not deleted here."""
    if deed.model == "constance.constance":
        return reverse("admin:constance_config_changelist")
    if deed.kind == StaffDeed.Kind.DELETE or not deed.object_id:
        return None
    try:
        return reverse(f"admin:{deed.model.replace('.', '_')}_change", args=[deed.object_id])
    except NoReverseMatch:
        return None
