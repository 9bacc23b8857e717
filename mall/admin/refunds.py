"""Refunds that were made, read-only."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from config.core.admin.day_range import DayRangeFilter
from config.core.admin.read_only import ReadOnlyAdmin, ReadOnlyInline
from config.core.admin.spreadsheets import SpreadsheetExport
from config.core.money import yuan
from mall.admin.own_stores import OwnStores
from mall.models import Refund, RefundLine


class RefundLineInline(ReadOnlyInline):
    """What came back."""

    model = RefundLine
    verbose_name_plural = "退款商品"
    fields = ["product", "quantity", "cash", "points"]
    readonly_fields = fields
    ordering = ["pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[RefundLine]:
        return super().get_queryset(request).select_related("line")

    @display(description="商品")
    def product(self, row: RefundLine) -> str:
        return row.line.product_name

    @display(description="退款金额")
    def cash(self, row: RefundLine) -> str:
        return yuan(row.cash_cents)


@admin.register(Refund)
class RefundAdmin(OwnStores, SpreadsheetExport, ReadOnlyAdmin):
    """Refunds, read-only."""

    store_path = "order__store"
    empty_text = "在订单页点「退款」办理后，记录会出现在这里"
    list_display = ["number", "order", "cash", "points", "reason", "created_at"]
    list_filter = [("created_at", DayRangeFilter)]
    list_filter_submit = True
    list_select_related = ["order"]
    list_per_page = 30
    search_fields = ["number", "order__number", "external_ref"]
    search_help_text = "按退款单号、订单号或来源编号搜索"
    ordering = ["-created_at", "-pk"]
    inlines = [RefundLineInline]
    fields = [("number", "order"), ("cash", "points"), "reason", "created_at"]

    def store_of(self, row: Refund) -> int:
        return row.order.store_id

    @display(description="退款金额", ordering="cash_cents")
    def cash(self, refund: Refund) -> str:
        return yuan(refund.cash_cents)
