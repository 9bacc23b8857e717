"""积分流水 in the back office."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from config.core.admin.spreadsheets import SpreadsheetExport
from points.admin.read_only import ReadOnlyAdmin
from points.models import Entry


@admin.register(Entry)
class EntryAdmin(SpreadsheetExport, ReadOnlyAdmin):
    """The statement of all accounts; search by account number or source."""

    empty_text = "会员得到或用掉积分时，每一笔都会记在这里"
    list_display = [
        "id", "account_number", "asset", "kind", "spendable", "held", "arrears", "spendable_after", "source",
        "occurred_at",
    ]  # fmt: skip
    list_filter = [
        "kind",
        "account__asset",
        ("occurred_at", admin.DateFieldListFilter),
        ("recorded_at", admin.DateFieldListFilter),
    ]
    button_permissions = {"points.view_finance_report": "查看积分财务月报"}
    search_fields = ["=account__id", "source__startswith"]
    search_help_text = "输入账户编号，或来源开头（如 order:88）"
    raw_id_fields = ["account", "reverses", "caused_by"]
    show_full_result_count = False

    @admin.display(description="账户", ordering="account_id")
    def account_number(self, entry: Entry) -> int:
        return entry.account_id

    @admin.display(description="资产")
    def asset(self, entry: Entry) -> str:
        return entry.account.get_asset_display()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Entry]:
        return super().get_queryset(request).select_related("account").order_by("-pk")
