"""积分账户 in the back office."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from points.admin.read_only import ReadOnlyAdmin
from points.models import Account


@admin.register(Account)
class AccountAdmin(ReadOnlyAdmin):
    """Buckets of every account; search by account number."""

    list_display = ["id", "asset", "spendable", "held", "pending", "arrears", "latest_at"]
    list_filter = ["asset", ("latest_at", admin.DateFieldListFilter)]
    search_fields = ["=id"]
    search_help_text = "输入账户编号"
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Account]:
        return super().get_queryset(request).order_by("-pk")
