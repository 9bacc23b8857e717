"""Orders, read-only but for the buttons: ship, cancel, refund."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from import_export import resources
from import_export.admin import ExportMixin
from import_export.fields import Field
from unfold.admin import ModelAdmin, TabularInline
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.contrib.import_export.forms import ExportForm
from unfold.decorators import action, display
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from config.core.db import edge_transaction
from config.core.errors import DomainError
from config.core.money import yuan
from mall.admin.refunding import RefundView
from mall.models import Order, OrderLine, Refund, RefundLine, Shipment
from mall.services import orders

_CARRIERS = ["顺丰速运", "京东物流", "中通快递", "圆通速递", "申通快递", "韵达快递", "邮政 EMS", "商家自送"]
_STATES = {
    "待付款": "warning",
    "待发货": "info",
    "待收货": "primary",
    "已收货": "primary",
    "已完成": "success",
    "已取消": "danger",
}


class ReadOnlyInline(TabularInline):
    """Rows that are shown and never typed."""

    extra = 0
    can_delete = False
    tab = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class LineInline(ReadOnlyInline):
    """What was bought, with every discount by line."""

    model = OrderLine
    verbose_name_plural = "商品"
    fields = ["product_name", "sku_label", "quantity", "unit_price", "discount", "by_points", "paid", "returned"]
    readonly_fields = fields
    ordering = ["pk"]

    @display(description="单价")
    def unit_price(self, line: OrderLine) -> str:
        return yuan(line.unit_price_cents)

    @display(description="优惠")
    def discount(self, line: OrderLine) -> str:
        return yuan(-line.discount_cents) if line.discount_cents else "—"

    @display(description="积分抵扣")
    def by_points(self, line: OrderLine) -> str:
        return f"{line.points_spent:,} 积分" if line.points_spent else "—"

    @display(description="实付")
    def paid(self, line: OrderLine) -> str:
        return yuan(line.paid_cents)

    @display(description="已退")
    def returned(self, line: OrderLine) -> str:
        return f"{line.refunded_quantity} 件 · {yuan(line.refunded_cents)}" if line.refunded_quantity else "—"


class ShipmentInline(ReadOnlyInline):
    """Parcels."""

    model = Shipment
    verbose_name_plural = "物流"
    fields = ["carrier", "tracking_no", "shipped_at"]
    readonly_fields = fields
    ordering = ["pk"]


class ShipForm(BaseDialogForm):
    """Carrier and tracking number."""

    carrier = forms.ChoiceField(
        label="快递公司", choices=[(name, name) for name in _CARRIERS], widget=UnfoldAdminSelectWidget
    )
    tracking_no = forms.RegexField(
        r"^[0-9A-Za-z-]{6,40}$",
        label="运单号",
        widget=UnfoldAdminTextInputWidget,
        error_messages={"invalid": "运单号为 6 到 40 位字母、数字或短横线"},
    )


class OrderResource(resources.ModelResource):
    """Columns of the order spreadsheet; amounts in yuan."""

    payable = Field(column_name="应付（元）")
    refunded = Field(column_name="已退（元）")
    status_name = Field(column_name="状态")

    class Meta:
        model = Order
        fields = ["number", "status_name", "channel", "payable", "refunded", "points_spent", "created_at", "paid_at"]

    def dehydrate_payable(self, order: Order) -> str:
        return f"{order.payable_cents / 100:.2f}"

    def dehydrate_refunded(self, order: Order) -> str:
        return f"{order.refunded_cents / 100:.2f}"

    def dehydrate_status_name(self, order: Order) -> str:
        return order.get_status_display()


@admin.register(Order)
class OrderAdmin(ExportMixin, ModelAdmin):
    """Orders, newest first."""

    resource_classes = [OrderResource]
    export_form_class = ExportForm
    list_display = ["number", "buyer", "quantity", "payable", "points", "state", "channel", "created_at"]
    list_filter = ["status", "kind", "channel", ("created_at", RangeDateFilter)]
    list_filter_submit = True
    list_select_related = ["member"]
    list_per_page = 30
    search_fields = ["number", "external_ref", "member__number", "member__nickname"]
    search_help_text = "按订单号、会员号或会员昵称搜索"
    ordering = ["-created_at", "-pk"]
    inlines = [LineInline, ShipmentInline]
    actions_detail = ["ship", "refund", "cancel"]
    fieldsets = [
        ("订单", {"fields": [("number", "state"), ("kind", "channel"), ("buyer", "store"), "buyer_note"]}),
        (
            "金额",
            {"fields": [("goods", "discount"), ("by_points", "freight"), ("payable", "refunded")]},
        ),
        ("收货", {"fields": [("masked_recipient", "masked_phone"), "region"]}),
        (
            "时间",
            {"fields": [("created_at", "paid_at"), ("shipped_at", "received_at"), ("completed_at", "cancelled_at")]},
        ),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [
            name
            for _, section in self.fieldsets
            for row in section["fields"]
            for name in ([row] if isinstance(row, str) else row)
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        return super().get_queryset(request).annotate(pieces=Sum("lines__quantity"))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(RefundView.as_view(model_admin=self))
        return [path("<int:order_id>/refund/", view, name="mall_order_refund_page"), *super().get_urls()]

    @display(description="买家")
    def buyer(self, order: Order) -> str:
        return order.member.nickname if order.member else "散客"

    @display(description="件数")
    def quantity(self, order: Any) -> int:
        return order.pieces or 0

    @display(description="应付", ordering="payable_cents")
    def payable(self, order: Order) -> str:
        return yuan(order.payable_cents)

    @display(description="商品金额")
    def goods(self, order: Order) -> str:
        return yuan(order.goods_cents)

    @display(description="优惠")
    def discount(self, order: Order) -> str:
        return yuan(-order.discount_cents)

    @display(description="积分抵扣")
    def by_points(self, order: Order) -> str:
        return f"{order.points_spent:,} 积分，抵 {yuan(order.points_discount_cents)}"

    @display(description="运费")
    def freight(self, order: Order) -> str:
        return yuan(order.freight_cents)

    @display(description="已退")
    def refunded(self, order: Order) -> str:
        return yuan(order.refunded_cents)

    @display(description="使用积分", ordering="points_spent")
    def points(self, order: Order) -> str:
        return f"{order.points_spent:,}" if order.points_spent else "—"

    @display(description="状态", label=_STATES, ordering="status")
    def state(self, order: Order) -> str:
        return order.get_status_display()

    @display(description="收货人")
    def masked_recipient(self, order: Order) -> str:
        return f"{order.recipient[:1]}**" if order.recipient else "—"

    @display(description="电话")
    def masked_phone(self, order: Order) -> str:
        return f"{order.recipient_phone[:3]}****{order.recipient_phone[-4:]}" if order.recipient_phone else "—"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_ship_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("mall.add_shipment") and self._status(object_id) == Order.Status.PAID

    def has_refund_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        refundable = {Order.Status.PAID, Order.Status.SHIPPED, Order.Status.RECEIVED, Order.Status.COMPLETED}
        return request.user.has_perm("mall.add_refund") and self._status(object_id) in refundable

    def has_cancel_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("mall.change_order") and self._status(object_id) == Order.Status.CREATED

    def _status(self, object_id: Any) -> str | None:
        return Order.objects.filter(pk=object_id).values_list("status", flat=True).first() if object_id else None

    @action(
        description="发货",
        icon="local_shipping",
        permissions=["ship"],
        dialog={
            "title": "发货",
            "description": "确认后会员会看到快递公司和运单号",
            "form_class": ShipForm,
            "form_submit_text": "确认发货",
        },
    )
    def ship(self, request: HttpRequest, form: ShipForm, object_id: int) -> HttpResponse:
        values = form.cleaned_data
        return self._answer(
            request,
            object_id,
            "已发货",
            lambda: orders.mark_shipped(
                order_id=int(object_id),
                carrier=values["carrier"],
                tracking_no=values["tracking_no"],
                at=timezone.now(),
            ),
        )

    @action(description="退款", icon="assignment_return", permissions=["refund"])
    def refund(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return redirect(reverse("admin:mall_order_refund_page", args=[object_id]))

    @action(
        description="取消订单",
        icon="cancel",
        permissions=["cancel"],
        dialog={
            "title": "取消这笔订单？",
            "description": "库存和冻结的积分会退还给会员，取消后不能恢复",
            "form_submit_text": "确认取消",
        },
    )
    def cancel(self, request: HttpRequest, form: BaseDialogForm, object_id: int) -> HttpResponse:
        return self._answer(
            request, object_id, "订单已取消", lambda: orders.cancel(order_id=int(object_id), at=timezone.now())
        )

    def _answer(self, request: HttpRequest, object_id: int, done: str, act: Any) -> HttpResponse:
        """Run one service in the edge's transaction and say how it went."""
        try:
            with edge_transaction():
                act()
            self.message_user(request, done, messages.SUCCESS)
        except DomainError as error:
            self.message_user(request, error.text, messages.ERROR)
        return redirect(reverse("admin:mall_order_change", args=[object_id]))


class RefundLineInline(ReadOnlyInline):
    """What came back."""

    model = RefundLine
    verbose_name_plural = "退款商品"
    fields = ["product", "quantity", "cash", "points"]
    readonly_fields = fields
    ordering = ["pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[RefundLine]:
        return super().get_queryset(request).select_related("line")

    @display(description="商品")
    def product(self, row: RefundLine) -> str:
        return row.line.product_name

    @display(description="退款金额")
    def cash(self, row: RefundLine) -> str:
        return yuan(row.cash_cents)


@admin.register(Refund)
class RefundAdmin(ModelAdmin):
    """Refunds, read-only."""

    list_display = ["number", "order", "cash", "points", "reason", "created_at"]
    list_filter = [("created_at", RangeDateFilter)]
    list_filter_submit = True
    list_select_related = ["order"]
    search_fields = ["number", "order__number", "external_ref"]
    ordering = ["-created_at", "-pk"]
    inlines = [RefundLineInline]
    fields = [("number", "order"), ("cash", "points"), "reason", "created_at"]
    readonly_fields = ["number", "order", "cash", "points", "reason", "created_at"]

    @display(description="退款金额", ordering="cash_cents")
    def cash(self, refund: Refund) -> str:
        return yuan(refund.cash_cents)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
