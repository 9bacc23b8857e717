"""到期提醒 in the back office."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from config.core.admin.spreadsheets import SpreadsheetExport
from points.admin.read_only import ReadOnlyAdmin
from points.models import LapseReminder


@admin.register(LapseReminder)
class LapseReminderAdmin(SpreadsheetExport, ReadOnlyAdmin):
    """Which lots were announced when."""

    empty_text = "积分快到期时会自动提醒会员，每批积分每个提前量一次，记在这里"
    list_display = ["id", "account_number", "lot_number", "step", "points", "lapses_at", "reminded_at"]
    list_filter = ["step", ("lapses_at", admin.DateFieldListFilter), ("reminded_at", admin.DateFieldListFilter)]
    search_fields = ["=account_id", "=lot_id"]
    search_help_text = "输入账户编号或批次编号"
    fields = ["account_number", "lot_number", "step", "points", "lapses_at", "reminded_at"]
    readonly_fields = ["account_number", "lot_number"]
    show_full_result_count = False

    @admin.display(description="账户", ordering="account_id")
    def account_number(self, reminder: LapseReminder) -> int:
        return reminder.account_id

    @admin.display(description="批次", ordering="lot_id")
    def lot_number(self, reminder: LapseReminder) -> int:
        return reminder.lot_id

    def get_queryset(self, request: HttpRequest) -> QuerySet[LapseReminder]:
        return super().get_queryset(request).order_by("-pk")
