"""Products with their SKUs and pictures, categories, stock."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.http import HttpRequest
from django.utils import timezone
from import_export import resources
from import_export.fields import Field
from import_export.widgets import DateTimeWidget
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminImageFieldWidget,
    UnfoldAdminIntegerFieldWidget,
)

from config.core.admin.history import RowHistory
from config.core.admin.picture_choices import art_field
from config.core.admin.spreadsheets import SpreadsheetExport
from config.core.db import edge_transaction
from config.core.errors import DomainError
from config.core.forms import YuanField
from config.core.money import yuan
from mall.models import Category, Product, ProductImage, Sku, Stock
from mall.rules.admission import Admission
from mall.selectors.pictures import url_of
from mall.services import pictures, shelves, stock_adjustments
from members.admin.asked_for import AskedFor


class CategoryForm(forms.ModelForm):
    """A category with a picture that is there."""

    art = art_field("图标", initial="package")

    class Meta:
        model = Category
        fields = ["name", "slug", "art", "position", "is_visible"]


@admin.register(Category)
class CategoryAdmin(AskedFor, RowHistory, SpreadsheetExport, ModelAdmin):
    """Categories in the order in which members see them."""

    segment_field = "category"
    empty_text = "先建几个分类，再把商品放进去"
    form = CategoryForm
    list_filter = ["is_visible"]
    list_display = ["name", "slug", "position", "is_visible", "product_count"]
    list_editable = ["position", "is_visible"]
    search_fields = ["name"]
    ordering = ["position", "pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        return super().get_queryset(request).annotate(products_total=Count("products"))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, set[str], Any]:
        """Products are what keeps a category, not a right that is missing: the page names them."""
        to_delete, counts, lacking, protected = super().get_deleted_objects(objs, request)
        return to_delete, counts, lacking - {str(Product._meta.verbose_name)}, protected

    @display(description="商品数", ordering="products_total")
    def product_count(self, category: Any) -> int:
        return int(category.products_total)


class SkuForm(forms.ModelForm):
    """Prices in yuan; a new SKU may bring its first stock."""

    price_cents = YuanField(label="售价（元）", widget=UnfoldAdminDecimalFieldWidget)
    list_price_cents = YuanField(label="划线价（元）", required=False, widget=UnfoldAdminDecimalFieldWidget)
    member_price_cents = YuanField(label="会员价（元）", required=False, widget=UnfoldAdminDecimalFieldWidget)
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
            "member_price_cents",
            "redeem_points",
            "redeem_cash_cents",
            "is_active",
            "position",
        ]

    def clean_redeem_cash_cents(self) -> int:
        return self.cleaned_data["redeem_cash_cents"] or 0


class SkuFormSet(forms.BaseInlineFormSet):
    """What is on a shelf has a SKU that can be bought there."""

    def clean(self) -> None:
        super().clean()
        active = [row for row in (getattr(form, "cleaned_data", {}) for form in self.forms) if row.get("is_active")]
        if self.instance.is_on_sale and not active:
            raise forms.ValidationError("上架的商品至少要有一个启用的规格")
        if self.instance.is_redeemable and not any(row.get("redeem_points") for row in active):
            raise forms.ValidationError("积分兑换的商品至少要有一个启用的规格填写兑换积分")


class SkuInline(TabularInline):
    """The SKUs of a product; a SKU that was ever sold is switched off, not deleted."""

    model = Sku
    form = SkuForm
    formset = SkuFormSet
    extra = 0
    tab = True
    fields = [
        "code",
        "label",
        "price_cents",
        "list_price_cents",
        "member_price_cents",
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
    """An upload is replaced by our own encoding of it before it is stored; nothing else looks into it before."""

    image = forms.FileField(label="图片", widget=UnfoldAdminImageFieldWidget)

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


def _for_whom(product: Product) -> str:
    """Who may buy it, in the words that members read; empty: everybody."""
    tier, plan = product.exclusive_tier, product.exclusive_plan
    return Admission(
        is_exclusive=product.is_exclusive,
        tier_rank=tier.rank if tier else None,
        tier_name=tier.name if tier else "",
        plan_id=plan.pk if plan else None,
        plan_name=plan.name if plan else "",
    ).for_whom


class MemberPriceFilter(admin.SimpleListFilter):
    """What has a price of its own for members with the benefit."""

    title = "会员价"
    parameter_name = "member_price"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", "有会员价"), ("0", "没有会员价")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Product]) -> QuerySet[Product]:
        priced = Exists(Sku.objects.filter(product=OuterRef("pk"), member_price_cents__isnull=False))
        return queryset.filter({"1": priced, "0": ~priced}.get(self.value() or "", Q()))


class OpeningFilter(admin.SimpleListFilter):
    """What is not on sale yet."""

    title = "开售"
    parameter_name = "opening"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("later", "未到开售时间"), ("open", "已开售")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Product]) -> QuerySet[Product]:
        later = Q(on_sale_from__gt=timezone.now())
        return queryset.filter({"later": later, "open": ~later}.get(self.value() or "", Q()))


class ProductResource(resources.ModelResource):
    """Columns of the product spreadsheet."""

    name = Field(attribute="name", column_name="名称")
    subtitle = Field(attribute="subtitle", column_name="卖点")
    category = Field(attribute="category__name", column_name="分类")
    price = Field(column_name="最低售价（元）")
    stock = Field(column_name="可售库存")
    sold_count = Field(attribute="sold_count", column_name="销量")
    on_sale = Field(column_name="上架")
    redeemable = Field(column_name="积分兑换")
    exclusive = Field(column_name="专享")
    opening = Field(attribute="on_sale_from", column_name="开售时间", widget=DateTimeWidget("%Y-%m-%d %H:%M"))

    class Meta:
        model = Product
        fields = [
            *("name", "subtitle", "category", "price", "stock", "sold_count", "on_sale", "redeemable"),
            *("exclusive", "opening"),
        ]

    def dehydrate_price(self, product: Any) -> str:
        return "" if product.from_cents is None else f"{product.from_cents / 100:.2f}"

    def dehydrate_stock(self, product: Any) -> int:
        return product.left or 0

    def dehydrate_on_sale(self, product: Product) -> str:
        return "是" if product.is_on_sale else "否"

    def dehydrate_exclusive(self, product: Product) -> str:
        return _for_whom(product)

    def dehydrate_redeemable(self, product: Product) -> str:
        return "是" if product.is_redeemable else "否"


@admin.register(Product)
class ProductAdmin(RowHistory, SpreadsheetExport, ModelAdmin):
    """Products: what members see, with SKUs and pictures in tabs."""

    empty_text = "点右上角的加号上架第一件商品：填名称、分类，再加规格和图片"
    history_of_parts = ("skus",)
    resource_classes = [ProductResource]
    list_display = ["shown", "category", "lowest_price", "stock_left", "sold_count", "state", "exclusive", "position"]
    list_editable = ["position"]
    list_filter = [
        "is_on_sale",
        "is_redeemable",
        "is_exclusive",
        "exclusive_tier",
        MemberPriceFilter,
        OpeningFilter,
        "category",
    ]
    list_select_related = ["category", "exclusive_tier", "exclusive_plan"]
    search_fields = ["name", "skus__code"]
    search_help_text = "按商品名称或规格编码搜索"
    ordering = ["position", "pk"]
    list_per_page = 30
    inlines = [SkuInline, ProductImageInline]
    actions = ["put_on_sale", "take_off_sale"]
    autocomplete_fields = ["category"]
    warn_unsaved_form = True
    fieldsets = [
        ("商品信息", {"fields": ["name", "subtitle", "category", "description"]}),
        ("销售方式", {"fields": ["is_on_sale", "is_redeemable", "on_sale_from", "position"]}),
        ("会员专享", {"fields": ["is_exclusive", ("exclusive_tier", "exclusive_plan")]}),
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
        if not product.cover:
            return [product.name, product.subtitle, product.name[:1]]
        picture = {"path": url_of(product.cover), "squared": True, "width": 40, "height": 40}
        return [product.name, product.subtitle, "", picture]

    @display(description="售价", ordering="from_cents")
    def lowest_price(self, product: Any) -> str:
        return "未设规格" if product.from_cents is None else yuan(product.from_cents)

    @display(description="库存", ordering="left")
    def stock_left(self, product: Any) -> int:
        return product.left or 0

    @display(description="状态", label={"在售": "success", "已下架": "danger", "未开售": "warning", "积分兑换": "info"})
    def state(self, product: Product) -> str:
        if product.is_on_sale:
            is_later = product.on_sale_from is not None and product.on_sale_from > timezone.now()
            return "未开售" if is_later else "在售"
        return "积分兑换" if product.is_redeemable else "已下架"

    @display(description="专享")
    def exclusive(self, product: Product) -> str:
        return _for_whom(product) or "—"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only what never had a SKU goes; anything else is taken off sale, since orders may name it."""
        return obj is not None and super().has_delete_permission(request, obj) and not obj.skus.exists()

    @admin.action(description="上架所选商品", permissions=["change"])
    def put_on_sale(self, request: HttpRequest, products: QuerySet[Product]) -> None:
        self._switch(request, products, is_on_sale=True)

    @admin.action(description="下架所选商品", permissions=["change"])
    def take_off_sale(self, request: HttpRequest, products: QuerySet[Product]) -> None:
        self._switch(request, products, is_on_sale=False)

    def _switch(self, request: HttpRequest, products: QuerySet[Product], *, is_on_sale: bool) -> None:
        chosen = list(products.values_list("pk", flat=True))
        with edge_transaction():
            changed = shelves.set_on_sale(product_ids=chosen, is_on_sale=is_on_sale)
            word = "上架" if is_on_sale else "下架"
            for product in Product.objects.filter(pk__in=changed):
                self.log_change(request, product, f"已{word}")
        left = len(chosen) - len(changed)
        rest = f"；{left} 件没有变化（已是{word}状态，或没有启用的规格）" if left else ""
        self.message_user(
            request, f"已{word} {len(changed)} 件商品{rest}", messages.SUCCESS if changed else messages.WARNING
        )

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        for row in formset.forms:
            first = row.cleaned_data.get("first_stock") if isinstance(row, SkuForm) and row.has_changed() else None
            if first:
                stock_adjustments.adjust_stock(sku_id=row.instance.pk, store_id=None, change=first, at=timezone.now())
