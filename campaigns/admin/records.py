"""What campaigns did: receipts, grants and check-ins, to be read only."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.decorators import display

from campaigns.admin.read_only import ReadOnlyAdmin, ReadOnlyInline
from campaigns.models import BenefitGift, CheckIn, Grant, Receipt
from config.core.admin.day_range import DayRangeFilter
from config.core.admin.spreadsheets import SpreadsheetExport
from config.core.money import yuan


class GrantInline(ReadOnlyInline):
    """Which campaign gave what part."""

    model = Grant
    verbose_name_plural = "各活动发放"
    fields = ["campaign", "version", "points", "growth"]
    readonly_fields = fields
    ordering = ["pk"]


@admin.register(Receipt)
class ReceiptAdmin(SpreadsheetExport, ReadOnlyAdmin):
    """Receipts, newest first: the answer to "why did I get this many"."""

    empty_text = "有活动发布、会员下单或签到后，每一次发放的凭证都在这里"
    list_display = ["member", "trigger", "occurrence", "points", "growth", "base", "created_at"]
    list_filter = ["trigger", ("created_at", DayRangeFilter)]
    list_filter_submit = True
    list_select_related = ["member"]
    list_per_page = 30
    show_full_result_count = False
    search_fields = ["=occurrence", "=member__number"]
    search_help_text = "按发生（如 order:88）或会员号搜索"
    ordering = ["-pk"]
    inlines = [GrantInline]
    fieldsets = [
        ("凭证", {"fields": [("member", "trigger"), ("occurrence", "base"), ("at", "created_at"), "origin"]}),
        ("计算", {"fields": ["arithmetic", ("points", "growth")]}),
        ("差一点", {"fields": ["missed"]}),
    ]
    readonly_fields = ["arithmetic", "missed", "base"]

    @display(description="计分金额")
    def base(self, receipt: Receipt) -> str:
        return yuan(receipt.base_cents) if receipt.base_cents else "—"

    @display(description="逐步计算")
    def arithmetic(self, receipt: Receipt) -> SafeString:
        lines = [(step["campaign"], step["text"], step["value"]) for step in receipt.steps]
        return _table("{}", "{}", "{}", lines)

    @display(description="未享受的活动")
    def missed(self, receipt: Receipt) -> SafeString:
        return _table("{}", "{}", "", [(one["campaign"], one["why"], "") for one in receipt.nearly])


@admin.register(Grant)
class GrantAdmin(SpreadsheetExport, ReadOnlyAdmin):
    """Grants, newest first."""

    empty_text = "有活动发布、会员下单或签到后，各活动的发放都在这里"
    list_display = ["campaign", "member", "occurrence", "points", "growth", "created_at"]
    list_filter = ["campaign", ("created_at", DayRangeFilter)]
    list_filter_submit = True
    list_select_related = ["campaign", "member"]
    list_per_page = 30
    show_full_result_count = False
    search_fields = ["=occurrence", "=member__number"]
    search_help_text = "按发生（如 order:88）或会员号搜索"
    ordering = ["-pk"]


@admin.register(BenefitGift)
class BenefitGiftAdmin(SpreadsheetExport, ReadOnlyAdmin):
    """What benefits of tiers and plans gave or owe, newest first."""

    empty_text = "在会员等级或会员套餐的权益里填写赠送的积分，会员生日、升级、开卡时的礼就会出现在这里"
    list_display = ["member", "title", "kind", "which", "points", "taken_back", "state", "due_at"]
    list_filter = ["state", "kind", "origin", ("due_at", DayRangeFilter)]
    list_filter_submit = True
    list_select_related = ["member"]
    list_per_page = 30
    show_full_result_count = False
    search_fields = ["=member__number", "=granted_by"]
    search_help_text = "按会员号或等级、套餐的代码搜索"
    ordering = ["-pk"]
    fields = [
        ("member", "title"),
        ("kind", "origin", "granted_by", "which"),
        ("points", "taken_back", "state", "due_at"),
        "receipt",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[BenefitGift]:
        return super().get_queryset(request).annotate(taken=Coalesce(Sum("receipt__clawbacks__points"), 0))

    @display(description="周期", ordering="period")
    def which(self, gift: BenefitGift) -> str:
        return "只送一次" if ":" in gift.period else gift.period

    @display(description="已扣回")
    def taken_back(self, gift: Any) -> str:
        return f"{-gift.taken:,}" if gift.taken else "—"


@admin.register(CheckIn)
class CheckInAdmin(SpreadsheetExport, ReadOnlyAdmin):
    """Check-ins, newest first."""

    empty_text = "还没有会员签到；签到送积分在「活动」里设置"
    list_display = ["member", "day", "streak", "at"]
    list_filter = [("day", DayRangeFilter)]
    list_filter_submit = True
    list_select_related = ["member"]
    list_per_page = 30
    show_full_result_count = False
    search_fields = ["=member__number", "member__nickname"]
    search_help_text = "按会员号或昵称搜索"
    ordering = ["-pk"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["member", "day", "streak", "at"]


def _table(first: str, second: str, third: str, lines: list[tuple[str, str, str]]) -> SafeString:
    """Rows of a small table in the back office's own style; every cell is escaped."""
    if not lines:
        return format_html("{}", "—")
    row = f'<tr><td>{first}</td><td>{second}</td><td class="n">{third}</td></tr>'
    cells = [line if third else line[:2] for line in lines]
    return format_html('<table class="mall-table">{}</table>', format_html_join("", row, cells))
