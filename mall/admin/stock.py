"""Stock by SKU and store, changed through a dialog alone."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from config.core.admin.dialogs import DialogForm, answer_dialog
from config.core.admin.read_only import ReadOnlyAdmin
from config.core.admin.spreadsheets import SpreadsheetExport
from config.core.random_numbers import public_number
from mall.admin.own_stores import OwnStoreFilter, OwnStores
from mall.models import Stock
from mall.rules.low_stock import LOW_STOCK
from mall.services import stock_adjustments


class StockChangeForm(DialogForm):
    """How many pieces came in or went out; the form's key makes a double click count once."""

    change = forms.IntegerField(
        label="变动数量（入库为正，出库为负）",
        min_value=-1_000_000,
        max_value=1_000_000,
        widget=UnfoldAdminIntegerFieldWidget,
    )
    key = forms.CharField(widget=forms.HiddenInput, max_length=40)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].initial = f"stock:{public_number(16)}"

    def clean_change(self) -> int:
        if self.cleaned_data["change"] == 0:
            raise forms.ValidationError("变动数量不能为 0")
        return int(self.cleaned_data["change"])


class LowStockFilter(admin.SimpleListFilter):
    """What is about to run out: products on sale, in the store that sells online."""

    title = "库存预警"
    parameter_name = "low"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", f"少于 {LOW_STOCK} 件")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Stock]) -> QuerySet[Stock]:
        if self.value() != "1":
            return queryset
        return queryset.filter(
            available__lt=LOW_STOCK, sku__is_active=True, sku__product__is_on_sale=True, store__is_default=True
        )


@admin.register(Stock)
class StockAdmin(OwnStores, SpreadsheetExport, ReadOnlyAdmin):
    """Stock rows; the dialog adds or takes pieces while members are buying."""

    empty_text = "给商品加规格并填初始库存后，这里就有了"
    list_display = ["product", "sku_code", "store", "left", "reserved"]
    list_display_links = None
    list_filter = [LowStockFilter, ("store", OwnStoreFilter)]
    search_fields = ["sku__code", "sku__product__name"]
    search_help_text = "按商品名称或规格编码搜索"
    list_select_related = ["sku__product", "store"]
    list_per_page = 50
    ordering = ["sku__product_id", "sku__position", "pk"]
    fields = ["product", "sku_code", "store", "available", "reserved"]
    actions_row = ["adjust"]
    button_permissions = {"mall.change_stock": "调整库存"}

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Titled by what is in stock, and where."""
        stock = self.get_object(request, object_id)
        named = {"title": f"{self.product(stock)} {self.sku_code(stock)} · {stock.store}"} if stock else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **named})

    @display(description="商品", ordering="sku__product__name")
    def product(self, stock: Stock) -> str:
        return stock.sku.product.name

    @display(description="规格", ordering="sku__code")
    def sku_code(self, stock: Stock) -> str:
        return f"{stock.sku.label}（{stock.sku.code}）"

    @display(description="可售", ordering="available", label={"low": "danger", "fine": "success"})
    def left(self, stock: Stock) -> tuple[str, str]:
        return ("low" if stock.available < LOW_STOCK else "fine"), f"{stock.available:,}"

    def has_adjust_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return bool(request.user.has_perm("mall.change_stock")) and self.is_their_row(request, object_id)

    @action(
        description="调整库存",
        icon="swap_vert",
        permissions=["adjust"],
        dialog={
            "title": "调整库存",
            "description": "只写变动的件数，例如入库 20 件填 20；顾客同时下单也不会出错",
            "form_class": StockChangeForm,
            "form_submit_text": "确认调整",
        },
    )
    def adjust(self, request: HttpRequest, form: StockChangeForm, object_id: str) -> HttpResponse:
        row: Any = Stock.objects.filter(pk=object_id).values("sku_id", "store_id").first()
        change = form.cleaned_data["change"]

        def act() -> str:
            left = stock_adjustments.adjust_stock(**row, change=change, key=form.cleaned_data["key"], at=timezone.now())
            return f"库存已调整 {change:+,} 件，现有 {left:,} 件可售"

        return answer_dialog(
            model_admin=self,
            request=request,
            object_id=object_id,
            form=form,
            dialog=self.adjust.dialog,
            act=act,
            url=reverse("admin:mall_stock_changelist"),
        )
