"""Pages, stores and payments."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from config.core import blocks
from config.core.money import yuan
from mall.models import PageBlock, Payment, Store


class PageBlockForm(forms.ModelForm):
    """A block's kind is one that a room registered; its config is checked by opening the page's plan."""

    kind = forms.ChoiceField(label="组件", widget=UnfoldAdminSelectWidget)
    config = forms.JSONField(
        label="配置", required=False, widget=UnfoldAdminTextareaWidget, help_text="留空使用默认配置；格式为 JSON 对象"
    )

    class Meta:
        model = PageBlock
        fields = ["page", "kind", "config", "position", "is_enabled"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind.kind, kind.title) for kind in blocks.kinds()]

    def clean_config(self) -> dict[str, Any]:
        config = self.cleaned_data["config"] or {}
        if not isinstance(config, dict):
            raise forms.ValidationError('配置应为 JSON 对象，例如 {"title": "新品"}')
        return config


@admin.register(PageBlock)
class PageBlockAdmin(ModelAdmin):
    """Which blocks stand on home and member centre, in order."""

    form = PageBlockForm
    list_display = ["title", "page", "position", "is_enabled"]
    list_editable = ["position", "is_enabled"]
    list_filter = ["page"]
    ordering = ["page", "position", "pk"]

    @display(description="组件")
    def title(self, block: PageBlock) -> str:
        return blocks.kind_named(block.kind).title


@admin.register(Store)
class StoreAdmin(ModelAdmin):
    """Stores; the default one is the online warehouse."""

    list_display = ["name", "code", "phone", "is_default"]
    search_fields = ["name", "code"]
    ordering = ["pk"]
    readonly_fields = ["is_default"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Payment)
class PaymentAdmin(ModelAdmin):
    """Payment attempts, read-only."""

    list_display = ["out_trade_no", "order", "provider", "amount", "state", "created_at", "succeeded_at"]
    list_filter = ["status", "provider"]
    search_fields = ["out_trade_no", "transaction_id", "order__number"]
    list_select_related = ["order"]
    ordering = ["-pk"]

    @display(description="金额", ordering="amount_cents")
    def amount(self, payment: Payment) -> str:
        return yuan(payment.amount_cents)

    @display(
        description="状态",
        label={"待支付": "warning", "已支付": "success", "已关闭": "info", "已退回": "danger"},
        ordering="status",
    )
    def state(self, payment: Payment) -> str:
        return payment.get_status_display()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
