"""流水封存 in the back office."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from config.core.admin.spreadsheets import SpreadsheetExport
from points.admin.read_only import ReadOnlyAdmin
from points.models import Seal


@admin.register(Seal)
class SealAdmin(SpreadsheetExport, ReadOnlyAdmin):
    """The chain of seals: which entries each covers, and its hash."""

    empty_text = "每天凌晨自动封存前一天的流水，封存后的改动会被核对发现"
    list_display = ["id", "after_id", "upto_id", "entries", "fingerprint", "sealed_at"]
    list_filter = [("sealed_at", admin.DateFieldListFilter)]
    search_fields = ["=id", "=upto_id"]
    search_help_text = "输入封存编号，或截止流水号"
    fields = ["after_id", "upto_id", "entries", "previous_fingerprint", "fingerprint", "sealed_at"]
    readonly_fields = ["previous_fingerprint", "fingerprint"]
    show_full_result_count = False

    @admin.display(description="指纹")
    def fingerprint(self, seal: Seal) -> str:
        return f"sha:{bytes(seal.hash).hex()}"

    @admin.display(description="上一封存的指纹")
    def previous_fingerprint(self, seal: Seal) -> str:
        return f"sha:{bytes(seal.previous).hex()}" if seal.previous else "（第一个封存）"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Seal]:
        return super().get_queryset(request).defer("entry_ids", "entry_hashes").order_by("-pk")
