"""积分账户 in the back office."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from config.core.admin.spreadsheets import SpreadsheetExport
from points.admin.read_only import ReadOnlyAdmin
from points.models import Account


@admin.register(Account)
class AccountAdmin(SpreadsheetExport, ReadOnlyAdmin):
    """Buckets of every account; search by account number."""

    empty_text = "会员注册时会自动开通积分和成长值两个账户"
    list_display = ["id", "asset", "spendable", "held", "pending", "arrears", "latest_at"]
    list_filter = ["asset", ("latest_at", admin.DateFieldListFilter)]
    search_fields = ["=id"]
    search_help_text = "输入账户编号"
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Account]:
        return super().get_queryset(request).order_by("-pk")
