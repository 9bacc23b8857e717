"""账本核对 in the back office."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.decorators import display

from config.core.admin.spreadsheets import SpreadsheetExport
from points.admin.read_only import ReadOnlyAdmin
from points.models import AuditRun

_ACCOUNT, _ENTRY, _SEAL = "points_account", "points_entry", "points_seal"

# What each rule says when it is broken, and what its subject is.
WORDS: dict[str, tuple[str, str]] = {
    "spendable_is_sum_of_entries": ("可用积分不等于流水之和", _ACCOUNT),
    "pending_is_sum_of_entries": ("待生效积分不等于流水之和", _ACCOUNT),
    "held_is_sum_of_entries": ("冻结积分不等于流水之和", _ACCOUNT),
    "arrears_is_sum_of_entries": ("欠分不等于流水之和", _ACCOUNT),
    "spendable_is_sum_of_lots": ("可用积分不等于批次剩余之和", _ACCOUNT),
    "pending_is_sum_of_lots": ("待生效积分不等于待生效批次之和", _ACCOUNT),
    "held_is_sum_of_open_holds": ("冻结积分不等于未结束的冻结之和", _ACCOUNT),
    "lot_remaining_is_sum_of_draws": ("批次剩余与分摊不符", ""),
    "entry_is_sum_of_draws": ("流水与它的批次分摊不符", _ENTRY),
    "reversed_at_most_once": ("冲正多于原流水", _ENTRY),
    "spendable_after_is_running_sum": ("流水的“变动后可用”与累计不符", _ENTRY),
    "closed_by_an_entry": ("账户已销户与销户流水不符", _ACCOUNT),
    "nothing_moves_after_closing": ("销户之后还有变动", _ENTRY),
    "what_goes_out_comes_in": ("合并转出与转入不符", _ENTRY),
    "entry_altered": ("封存之后被改动", _ENTRY),
    "entry_deleted": ("封存之后被删除", ""),
    "entry_inserted": ("封存之后插入", _ENTRY),
    "seal_altered": ("封存被改动", _SEAL),
    "seal_missing": ("与上一个封存不相连", _SEAL),
    "seal_cut_off": ("封存链的末尾被截断", ""),
    "entries_not_sealed": ("三天前的流水还没有封存", ""),
}


@admin.register(AuditRun)
class AuditRunAdmin(SpreadsheetExport, ReadOnlyAdmin):
    """Every audit of the ledger with what it found."""

    empty_text = "每天凌晨自动核对全部积分账目，结果记在这里"
    list_display = ["id", "started_at", "ended_at", "verdict", "entries", "sealed", "found"]
    list_filter = [("started_at", admin.DateFieldListFilter)]
    search_fields = ["=id", "head__startswith"]
    search_help_text = "输入核对编号，或链头指纹的开头"
    fields = ["started_at", "ended_at", "verdict", "entries", "sealed", "found", "differences", "fingerprint"]
    readonly_fields = ["verdict", "differences", "fingerprint"]

    @display(description="结果", label={"无差异": "success", "有差异": "danger", "未完成": "warning"})
    def verdict(self, run: AuditRun) -> str:
        if run.ended_at is None:
            return "未完成"
        return "有差异" if run.found else "无差异"

    @admin.display(description="差异明细")
    def differences(self, run: AuditRun) -> SafeString | str:
        """One line for each difference that was kept, with a link to what is wrong."""
        if not run.discrepancies:
            return "（无）"
        lines = format_html_join("", "<li>{}</li>", ((_line(one),) for one in run.discrepancies))
        more = (run.found or 0) - len(run.discrepancies)
        return format_html("<ul>{}</ul>{}", lines, f"另有 {more:,} 处" if more > 0 else "")

    @admin.display(description="链头指纹")
    def fingerprint(self, run: AuditRun) -> str:
        return f"sha:{run.head}" if run.head else "（还没有封存）"

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditRun]:
        return super().get_queryset(request).order_by("-pk")


def _line(found: dict[str, Any]) -> SafeString:
    words, model = WORDS.get(found["rule"], (found["rule"], ""))
    account = f"账户 {found['account']}：" if found["account"] else ""
    subject = _link(model, found["subject"]) if found["subject"] else ""
    return format_html("{}{}{}（应为 {}，实为 {}）", account, words, subject, found["expected"], found["actual"])


def _link(model: str, pk: int) -> SafeString | str:
    """The subject's number, leading to its page where it has one."""
    try:
        return format_html('，编号 <a href="{}">{}</a>', reverse(f"admin:{model}_change", args=[pk]), pk)
    except NoReverseMatch:
        return f"，编号 {pk}"
