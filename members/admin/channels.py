"""Channels: their links and costs, and the report of what they brought."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from tablib import Dataset
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminSingleDateWidget

from config.core.admin.history import RowHistory
from config.core.admin.spreadsheets import ExcelCSV, SpreadsheetExport
from config.core.forms import YuanField
from config.core.money import yuan
from config.core.time import local_date
from members.admin.asked_for import AskedFor
from members.models import Attribution, Channel, ChannelCost, ChannelVisit
from members.selectors.channels import ChannelFigures, report, together

_FIRST_DAY = date(2000, 1, 1)
_HEAD = ["渠道", "代码", "类型", "访客", "注册", "首单", "订单", "净收入（元）", "费用（元）", "每位会员成本（元）"]


class CostForm(forms.ModelForm):
    """A cost in yuan."""

    cost_cents = YuanField(label="费用（元）", min_value=1, widget=UnfoldAdminDecimalFieldWidget)

    class Meta:
        model = ChannelCost
        fields = ["day", "cost_cents", "note"]


class CostInline(TabularInline):
    """What the channel cost, day by day."""

    model = ChannelCost
    form = CostForm
    extra = 0
    hide_title = True
    fields = ["day", "cost_cents", "note"]
    ordering = ["-day", "-pk"]


class SpanForm(forms.Form):
    """From day to day, both included; the last thirty days when nothing is said."""

    first = forms.DateField(label="从", required=False, widget=UnfoldAdminSingleDateWidget)
    last = forms.DateField(label="到", required=False, widget=UnfoldAdminSingleDateWidget)

    def span(self, *, today: date) -> tuple[date, date]:
        """The two days; what can't be read or lies the wrong way round is the last thirty days."""
        self.is_valid()
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last") or today
        first = first or last - timedelta(days=29)
        if not _FIRST_DAY <= first <= last < date(2999, 1, 1):
            return today - timedelta(days=29), today
        return first, last


@admin.register(Channel)
class ChannelAdmin(AskedFor, RowHistory, SpreadsheetExport, ModelAdmin):
    """Channels; their codes go into links."""

    segment_field = "brought_by"
    empty_text = "新建一个渠道（达人、门店或广告），把它的链接发出去，带来的会员和订单会记在它名下"
    history_of_parts = ("costs",)
    list_display = ["name", "kind", "link", "is_enabled", "created_at"]
    list_filter = ["kind", "is_enabled"]
    list_per_page = 30
    search_fields = ["name", "code"]
    search_help_text = "按名称或代码搜索"
    ordering = ["-pk"]
    inlines = [CostInline]
    fields = [("name", "code"), ("kind", "is_enabled")]
    actions_list = ["open_report"]

    @display(description="推广链接")
    def link(self, channel: Channel) -> str:
        return f"/?c={channel.code}"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """A code that is out in links stays."""
        return ["code"] if obj is not None and _is_used(obj) else []

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What brought somebody stays; switch it off instead."""
        return super().has_delete_permission(request, obj) and (obj is None or not _is_used(obj))

    def get_urls(self) -> list[URLPattern]:
        page, file = self.admin_site.admin_view(self.report_view), self.admin_site.admin_view(self.report_file)
        return [
            path("report/", page, name="members_channel_report"),
            path("report.csv", file, name="members_channel_report_file"),
            *super().get_urls(),
        ]

    @action(description="渠道报表", icon="analytics", permissions=["view"])
    def open_report(self, request: HttpRequest) -> HttpResponse:
        return redirect(reverse("admin:members_channel_report"))

    def report_view(self, request: HttpRequest) -> HttpResponse:
        """What each channel brought in the chosen days."""
        first, last, rows = self._rows(request)
        context = {
            **self.admin_site.each_context(request),
            "title": "渠道报表",
            "form": SpanForm(initial={"first": first, "last": last}),
            "head": _HEAD,
            "lines": [_cells(row) for row in rows],
            "sum_line": _cells(together(rows)) if rows else None,
            "file_url": f"{reverse('admin:members_channel_report_file')}?first={first}&last={last}",
            "list_url": reverse("admin:members_channel_changelist"),
        }
        return TemplateResponse(request, "admin/members/channel_report.html", context)

    def report_file(self, request: HttpRequest) -> HttpResponse:
        """The same as CSV."""
        first, last, rows = self._rows(request)
        dataset = Dataset(*[_cells(row, plain=True) for row in [*rows, together(rows)]], headers=_HEAD)
        name = f"channels-{first:%Y%m%d}-{last:%Y%m%d}.csv"
        return HttpResponse(
            str(ExcelCSV().export_data(dataset)),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    def _rows(self, request: HttpRequest) -> tuple[date, date, list[ChannelFigures]]:
        if not self.has_view_permission(request):
            raise PermissionDenied
        first, last = SpanForm(request.GET).span(today=local_date(timezone.now()))
        return first, last, report(first=first, last=last)


def _is_used(channel: Channel) -> bool:
    return Attribution.objects.filter(channel=channel).exists() or ChannelVisit.objects.filter(channel=channel).exists()


def _cells(row: ChannelFigures, *, plain: bool = False) -> list[str]:
    each = row.cost_per_member_cents
    money = [row.revenue_cents, row.cost_cents]
    counts = [row.visitors, row.registered, row.first_orders, row.orders]
    if plain:
        amounts = [f"{cents / 100:.2f}" for cents in money]
        return [row.name, row.code, row.kind, *map(str, counts), *amounts, "" if each is None else f"{each / 100:.2f}"]
    texts = [f"{count:,}" for count in counts]
    return [row.name, row.code, row.kind, *texts, *map(yuan, money), "—" if each is None else yuan(each)]
