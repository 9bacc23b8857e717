"""Gift cards: batches whose codes are made and handed out once, and what became of each card."""

import csv
from io import StringIO
from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.decorators import action, display

from config.core.admin.history import RowHistory
from config.core.admin.read_only import ReadOnlyAdmin
from config.core.admin.spreadsheets import SpreadsheetExport
from config.core.db import edge_transaction
from config.core.errors import DomainError
from members.models import GiftCard, GiftCardBatch
from members.services import gift_cards

_EXPORT, _VOID = "members.export_giftcardbatch", "members.void_giftcard"


@admin.register(GiftCardBatch)
class GiftCardBatchAdmin(RowHistory, SpreadsheetExport, ModelAdmin):
    """Batches; their codes leave the shop once."""

    empty_text = "新建一个批次，保存后点「生成并导出激活码」；激活码只在那一次可见"
    button_permissions = {_EXPORT: "生成并导出激活码", _VOID: "作废未激活的卡"}
    list_display = ["name", "plan", "quantity", "activated", "voided", "expires_at", "exported_at"]
    list_filter = ["plan"]
    list_select_related = ["plan"]
    list_per_page = 30
    search_fields = ["name"]
    ordering = ["-pk"]
    fields = [("name", "plan"), ("quantity", "expires_at"), ("exported_at", "exported_by")]
    readonly_fields = ["exported_at", "exported_by"]
    actions_detail = ["export_codes", "void_rest"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[GiftCardBatch]:
        return (
            super()
            .get_queryset(request)
            .annotate(
                activated_total=Count("cards", filter=Q(cards__state="activated")),
                voided_total=Count("cards", filter=Q(cards__state="void")),
            )
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """What codes were made for stays; until when they may be used can change."""
        is_out = obj is not None and obj.exported_at is not None
        return [*self.readonly_fields, *(["plan", "quantity"] if is_out else [])]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Write what was typed and nothing else: a page from before the export doesn't undo it."""
        if not change:
            return super().save_model(request, obj, form, change)
        fixed = {"plan", "quantity"} if gift_cards.has_codes(batch_id=obj.pk) else set()
        obj.save(update_fields=set(form.changed_data) - fixed)
        return None

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A batch whose codes are out stays."""
        return super().has_delete_permission(request, obj) and (obj is None or obj.exported_at is None)

    def has_export_codes_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm(_EXPORT)

    def has_void_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm(_VOID)

    @display(description="已激活", ordering="activated_total")
    def activated(self, batch: Any) -> str:
        return f"{batch.activated_total:,}"

    @display(description="已作废", ordering="voided_total")
    def voided(self, batch: Any) -> str:
        return f"{batch.voided_total:,}"

    @action(description="生成并导出激活码（仅一次）", icon="download", permissions=["export_codes"])
    def export_codes(self, request: HttpRequest, object_id: int) -> HttpResponse:
        if request.method != "POST":
            return _confirm(
                self, request, object_id, "激活码只在这一次可见，系统不保存明文。请把文件存放在安全的地方。"
            )
        try:
            assert request.user.pk is not None, "the site lets only staff who are logged in come here"
            with edge_transaction():
                codes = gift_cards.export(batch_id=object_id, user_id=request.user.pk, at=timezone.now())
        except DomainError as error:
            messages.error(request, error.text)
            return redirect(reverse("admin:members_giftcardbatch_change", args=[object_id]))
        self.log_change(request, self.get_object(request, str(object_id)), f"生成并导出 {len(codes):,} 个激活码")
        return _as_file(codes, name=f"gift-cards-{object_id}.csv")

    @action(description="作废未激活的卡", icon="block", permissions=["void"])
    def void_rest(self, request: HttpRequest, object_id: int) -> HttpResponse:
        if request.method != "POST":
            return _confirm(self, request, object_id, "未激活的激活码将全部失效，不能恢复；已激活的不受影响。")
        with edge_transaction():
            count = gift_cards.void_batch(batch_id=object_id, at=timezone.now())
        self.log_change(request, self.get_object(request, str(object_id)), f"作废 {count:,} 张未激活的卡")
        messages.success(request, f"已作废 {count:,} 张")
        return redirect(reverse("admin:members_giftcardbatch_change", args=[object_id]))


@admin.register(GiftCard)
class GiftCardAdmin(SpreadsheetExport, ReadOnlyAdmin):
    """Cards, read-only: what became of each, never its code."""

    empty_text = "批次生成激活码后，每张卡的状态会出现在这里"
    list_display = ["last4", "batch", "state", "member", "activated_at", "voided_at"]
    list_filter = ["state", "batch"]
    list_select_related = ["batch", "member"]
    list_per_page = 30
    search_fields = ["last4", "member__number"]
    search_help_text = "按激活码后四位或会员号搜索"
    ordering = ["-pk"]
    actions = ["void_cards"]
    fields = [("last4", "batch"), ("state", "member"), ("activated_at", "voided_at")]

    def has_void_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(_VOID)

    @admin.action(description="作废所选（未激活的）", permissions=["void"])
    def void_cards(self, request: HttpRequest, chosen: QuerySet[GiftCard]) -> None:
        with edge_transaction():
            count = gift_cards.void(card_ids=list(chosen.values_list("pk", flat=True)), at=timezone.now())
            for batch in GiftCardBatch.objects.filter(cards__in=chosen).distinct().order_by("pk"):
                self.log_change(request, batch, f"作废所选的卡（共 {count:,} 张）")
        messages.success(request, f"已作废 {count:,} 张")


def _confirm(model_admin: Any, request: HttpRequest, object_id: int, sentence: str) -> HttpResponse:
    context = {
        **model_admin.admin_site.each_context(request),
        "title": "请确认",
        "sentence": sentence,
        "back_url": reverse("admin:members_giftcardbatch_change", args=[object_id]),
    }
    return TemplateResponse(request, "admin/members/gift_card_confirm.html", context)


def _as_file(codes: list[str], *, name: str) -> HttpResponse:
    """One code a line, as Excel opens it; kept by nobody on the way."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(["激活码"])
    writer.writerows([code] for code in codes)
    answer = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    return answer
