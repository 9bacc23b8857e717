"""Products with their SKUs and pictures, categories, stock."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, Min, OuterRef, QuerySet, Subquery, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from import_export import resources
from import_export.admin import ExportMixin
from import_export.fields import Field
from unfold.admin import ModelAdmin, TabularInline
from unfold.contrib.import_export.forms import ExportForm
from unfold.decorators import action, display
from unfold.forms import BaseDialogForm
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminImageFieldWidget,
    UnfoldAdminIntegerFieldWidget,
)

from config.core.db import edge_transaction
from config.core.errors import DomainError
from config.core.forms import YuanField
from config.core.money import yuan
from mall.models import Category, Product, ProductImage, Sku, Stock
from mall.services import pictures, stock_adjustments


@admin.register(Category)
class CategoryAdmin(ModelAdmin):
    """Categories in the order in which members see them."""

    list_display = ["name", "slug", "position", "is_visible", "product_count"]
    list_editable = ["position", "is_visible"]
    search_fields = ["name"]
    ordering = ["position", "pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        return super().get_queryset(request).annotate(products_total=Count("products"))

    @display(description="商品数", ordering="products_total")
    def product_count(self, category: Any) -> int:
        return int(category.products_total)


class SkuForm(forms.ModelForm):
    """Prices in yuan; a new SKU may bring its first stock."""

    price_cents = YuanField(label="售价（元）", widget=UnfoldAdminDecimalFieldWidget)
    list_price_cents = YuanField(label="划线价（元）", required=False, widget=UnfoldAdminDecimalFieldWidget)
    redeem_cash_cents = YuanField(label="兑换另付（元）", required=False, widget=UnfoldAdminDecimalFieldWidget)
    first_stock = forms.IntegerField(
        label="初始库存", required=False, min_value=0, max_value=10_000_000, widget=UnfoldAdminIntegerFieldWidget
    )

    class Meta:
        model = Sku
        fields = [
            "code",
            "label",
            "price_cents",
            "list_price_cents",
            "redeem_points",
            "redeem_cash_cents",
            "is_active",
            "position",
        ]

    def clean_redeem_cash_cents(self) -> int:
        return self.cleaned_data["redeem_cash_cents"] or 0


class SkuInline(TabularInline):
    """The SKUs of a product; a SKU that was ever sold is switched off, not deleted."""

    model = Sku
    form = SkuForm
    extra = 0
    tab = True
    fields = [
        "code",
        "label",
        "price_cents",
        "list_price_cents",
        "redeem_points",
        "redeem_cash_cents",
        "first_stock",
        "is_active",
        "position",
    ]
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Sku]:
        return super().get_queryset(request).order_by("position", "pk")


class PictureForm(forms.ModelForm):
    """An upload is replaced by our own encoding of it before it is stored."""

    image = forms.ImageField(label="图片", widget=UnfoldAdminImageFieldWidget)

    class Meta:
        model = ProductImage
        fields = ["image", "position"]

    def clean_image(self) -> Any:
        upload = self.cleaned_data["image"]
        if "image" not in self.changed_data:
            return upload
        upload.seek(0)
        try:
            return pictures.clean_picture(upload, size=upload.size)
        except DomainError as error:
            raise forms.ValidationError(error.text) from error


class ProductImageInline(TabularInline):
    """Pictures; the first is the cover."""

    model = ProductImage
    form = PictureForm
    extra = 0
    tab = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProductImage]:
        return super().get_queryset(request).order_by("position", "pk")


class ProductResource(resources.ModelResource):
    """Columns of the product spreadsheet."""

    category = Field(attribute="category__name", column_name="分类")

    class Meta:
        model = Product
        fields = ["id", "name", "category", "subtitle", "is_on_sale", "is_redeemable", "sold_count"]


@admin.register(Product)
class ProductAdmin(ExportMixin, ModelAdmin):
    """Products: what members see, with SKUs and pictures in tabs."""

    resource_classes = [ProductResource]
    export_form_class = ExportForm
    list_display = ["shown", "category", "lowest_price", "stock_left", "sold_count", "state", "position"]
    list_editable = ["position"]
    list_filter = ["is_on_sale", "is_redeemable", "category"]
    list_select_related = ["category"]
    search_fields = ["name", "skus__code"]
    ordering = ["position", "pk"]
    list_per_page = 30
    inlines = [SkuInline, ProductImageInline]
    actions = ["put_on_sale", "take_off_sale"]
    autocomplete_fields = ["category"]
    warn_unsaved_form = True
    fieldsets = [
        ("商品信息", {"fields": ["name", "subtitle", "category", "description"]}),
        ("销售方式", {"fields": ["is_on_sale", "is_redeemable", "position"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        cover = ProductImage.objects.filter(product=OuterRef("pk")).order_by("position", "pk").values("image")[:1]
        stock = Stock.objects.filter(sku__product=OuterRef("pk")).order_by().values("sku__product")
        return (
            super()
            .get_queryset(request)
            .annotate(
                cover=Subquery(cover),
                from_cents=Min("skus__price_cents"),
                left=Subquery(stock.annotate(total=Sum("available")).values("total")),
            )
        )

    @display(description="商品", header=True, ordering="name")
    def shown(self, product: Any) -> list[Any]:
        picture = {"path": f"/media/{product.cover}", "squared": True, "width": 40, "height": 40}
        return [product.name, product.subtitle, "", picture] if product.cover else [product.name, product.subtitle]

    @display(description="售价", ordering="from_cents")
    def lowest_price(self, product: Any) -> str:
        return "未设规格" if product.from_cents is None else yuan(product.from_cents)

    @display(description="库存", ordering="left")
    def stock_left(self, product: Any) -> int:
        return product.left or 0

    @display(description="状态", label={"在售": "success", "已下架": "danger", "积分兑换": "info"})
    def state(self, product: Product) -> str:
        if product.is_on_sale:
            return "在售"
        return "积分兑换" if product.is_redeemable else "已下架"

    @admin.action(description="上架所选商品")
    def put_on_sale(self, request: HttpRequest, products: QuerySet[Product]) -> None:
        count = products.filter(skus__is_active=True).order_by().distinct().count()
        Product.objects.filter(pk__in=products.filter(skus__is_active=True).order_by().values("pk")).update(
            is_on_sale=True
        )
        self.message_user(request, f"已上架 {count} 件商品；没有启用规格的商品不能上架", messages.SUCCESS)

    @admin.action(description="下架所选商品")
    def take_off_sale(self, request: HttpRequest, products: QuerySet[Product]) -> None:
        count = Product.objects.filter(pk__in=list(products.values_list("pk", flat=True))).update(is_on_sale=False)
        self.message_user(request, f"已下架 {count} 件商品", messages.SUCCESS)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        for row in formset.forms:
            first = row.cleaned_data.get("first_stock") if isinstance(row, SkuForm) and row.has_changed() else None
            if first:
                stock_adjustments.adjust_stock(sku_id=row.instance.pk, store_id=None, change=first)


class StockChangeForm(BaseDialogForm):
    """How many pieces came in or went out."""

    change = forms.IntegerField(
        label="变动数量（可为负）", min_value=-1_000_000, max_value=1_000_000, widget=UnfoldAdminIntegerFieldWidget
    )

    def clean_change(self) -> int:
        if self.cleaned_data["change"] == 0:
            raise forms.ValidationError("变动数量不能为 0")
        return int(self.cleaned_data["change"])


class LowStockFilter(admin.SimpleListFilter):
    """What is about to run out."""

    title = "库存预警"
    parameter_name = "low"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", "少于 10 件")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Stock]) -> QuerySet[Stock]:
        if self.value() != "1":
            return queryset
        return queryset.filter(available__lt=10, sku__is_active=True, sku__product__is_on_sale=True)


@admin.register(Stock)
class StockAdmin(ModelAdmin):
    """Stock by SKU and store; read-only but for the adjust dialog, which adds or takes pieces."""

    list_display = ["product", "sku_code", "store", "available", "reserved"]
    list_filter = [LowStockFilter, "store"]
    search_fields = ["sku__code", "sku__product__name"]
    list_select_related = ["sku__product", "store"]
    ordering = ["sku__product_id", "sku__position", "pk"]
    fields = ["product", "sku_code", "store", "available", "reserved"]
    readonly_fields = fields
    actions_detail = ["adjust"]

    @display(description="商品", ordering="sku__product__name")
    def product(self, stock: Stock) -> str:
        return stock.sku.product.name

    @display(description="规格", ordering="sku__code")
    def sku_code(self, stock: Stock) -> str:
        return f"{stock.sku.label}（{stock.sku.code}）"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @action(
        description="调整库存",
        icon="swap_vert",
        permissions=["change"],
        dialog={
            "title": "调整库存",
            "description": "填入库为正、出库为负；与顾客下单同时进行也不会出错",
            "form_class": StockChangeForm,
            "form_submit_text": "确认调整",
        },
    )
    def adjust(self, request: HttpRequest, form: StockChangeForm, object_id: int) -> HttpResponse:
        row = Stock.objects.get(pk=object_id)
        try:
            with edge_transaction():
                stock_adjustments.adjust_stock(
                    sku_id=row.sku_id, store_id=row.store_id, change=form.cleaned_data["change"]
                )
            self.message_user(request, "库存已调整", messages.SUCCESS)
        except DomainError as error:
            self.message_user(request, error.text, messages.ERROR)
        return redirect(reverse("admin:mall_stock_change", args=[object_id]))
