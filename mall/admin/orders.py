"""Orders, read-only but for the buttons: ship, cancel, refund."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Case, QuerySet, Sum, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from import_export import resources
from import_export.fields import Field
from import_export.widgets import DateTimeWidget
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from config.core.admin.day_range import DayRangeFilter
from config.core.admin.dialogs import DialogForm, answer_dialog
from config.core.admin.read_only import ReadOnlyAdmin
from config.core.admin.spreadsheets import SpreadsheetExport
from config.core.money import yuan
from mall.admin.order_goods import order_goods
from mall.admin.own_stores import OwnStoreFilter, OwnStores
from mall.admin.refunding import RefundView
from mall.models import Order
from mall.rules.lifecycle import Move, is_allowed
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


# what waits to be shipped before the others; what was shipped or given up is in no hurry any more
_HASTE = Case(When(is_priority=True, status=Order.Status.PAID, then=1), default=0)
# the buttons of the page and the moves behind them
_BUTTONS = {"ship": Move.SHIP, "refund": Move.REFUND, "cancel": Move.CANCEL}


class ShipForm(DialogForm):
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
    """Columns of the order spreadsheet; amounts in yuan, times in Shanghai."""

    number = Field(attribute="number", column_name="订单号")
    status = Field(attribute="get_status_display", column_name="状态")
    channel = Field(attribute="get_channel_display", column_name="渠道")
    buyer = Field(attribute="member__nickname", column_name="买家", default="散客")
    payable = Field(column_name="应付（元）")
    refunded = Field(column_name="已退（元）")
    points_spent = Field(attribute="points_spent", column_name="使用积分")
    created_at = Field(attribute="created_at", column_name="下单时间", widget=DateTimeWidget("%Y-%m-%d %H:%M"))
    paid_at = Field(attribute="paid_at", column_name="付款时间", widget=DateTimeWidget("%Y-%m-%d %H:%M"))
    priority = Field(column_name="优先发货")
    store = Field(attribute="store__name", column_name="门店")

    class Meta:
        model = Order
        fields = [
            "number",
            "status",
            "channel",
            "buyer",
            "payable",
            "refunded",
            "points_spent",
            "created_at",
            "paid_at",
            "priority",
            "store",
        ]

    def dehydrate_priority(self, order: Order) -> str:
        return "是" if order.is_priority else "否"

    def dehydrate_payable(self, order: Order) -> str:
        return f"{order.payable_cents / 100:.2f}"

    def dehydrate_refunded(self, order: Order) -> str:
        return f"{order.refunded_cents / 100:.2f}"


@admin.register(Order)
class OrderAdmin(OwnStores, SpreadsheetExport, ReadOnlyAdmin):
    """Orders, newest first."""

    empty_text = "会员下单后会出现在这里；先到「商品」里上架几件"
    resource_classes = [OrderResource]
    list_display = ["number", "buyer", "quantity", "payable", "points", "state", "haste", "channel", "created_at"]
    list_filter = [
        *("status", "is_priority", "kind", "channel"),
        ("store", OwnStoreFilter),
        ("created_at", DayRangeFilter),
    ]
    list_filter_submit = True
    list_select_related = ["member", "store"]
    list_per_page = 30
    search_fields = ["number", "external_ref", "member__number", "member__nickname"]
    search_help_text = "按订单号、会员号或会员昵称搜索"
    change_form_before_template = "admin/mall/order_goods.html"
    actions_detail = ["ship", "refund", "cancel"]
    button_permissions = {"mall.add_shipment": "发货", "mall.add_refund": "退款", "mall.change_order": "取消订单"}
    fieldsets = [
        (
            "订单",
            {"fields": [("number", "state"), ("kind", "channel"), ("buyer_link", "store"), ("buyer_note", "haste")]},
        ),
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

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        return super().get_queryset(request).annotate(pieces=Sum("lines__quantity"))

    def get_ordering(self, request: HttpRequest) -> list[str]:
        """What waits to be shipped stands as it should leave: those with priority first, then the oldest."""
        if request.GET.get("status__exact") == Order.Status.PAID:
            return ["-is_priority", "paid_at", "pk"]
        return ["-created_at", "-pk"]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(RefundView.as_view(model_admin=self))
        return [path("<int:order_id>/refund/", view, name="mall_order_refund_page"), *super().get_urls()]

    @display(description="买家")
    def buyer(self, order: Order) -> str:
        return order.member.nickname if order.member else "散客"

    @display(description="买家")
    def buyer_link(self, order: Order) -> str:
        if order.member is None:
            return "散客"
        page = reverse("admin:members_member_change", args=[order.member_id])
        return format_html('<a class="mall-link" href="{}">{}</a>', page, order.member.nickname)

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

    @display(description="发货", ordering=_HASTE)
    def haste(self, order: Order) -> str:
        """A mark on what leaves first; nothing on the others."""
        if not order.is_priority or order.status != Order.Status.PAID:
            return ""
        return mark_safe('<span class="mall-first">优先发货</span>')

    @display(description="收货人")
    def masked_recipient(self, order: Order) -> str:
        return f"{order.recipient[:1]}**" if order.recipient else "—"

    @display(description="电话")
    def masked_phone(self, order: Order) -> str:
        return f"{order.recipient_phone[:3]}****{order.recipient_phone[-4:]}" if order.recipient_phone else "—"

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        order = self.get_object(request, object_id)
        context = {**(extra_context or {}), **(order_goods(order) if order else {})}
        return super().change_view(request, object_id, form_url, context)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """The buttons that fit the order's state; a button pressed too late is refused by the service."""
        order = self.get_object(request, str(object_id))  # None also for an address that names no id
        status = order.status if order else ""
        fitting = {f"mall_order_{name}" for name, move in _BUTTONS.items() if is_allowed(move=move, status=status)}
        return [a for a in super().get_actions_detail(request, object_id) if a.action_name in fitting]

    def has_ship_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return bool(request.user.has_perm("mall.add_shipment")) and self.is_their_row(request, object_id)

    def has_refund_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return bool(request.user.has_perm("mall.add_refund")) and self.is_their_row(request, object_id)

    def has_cancel_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return bool(request.user.has_perm("mall.change_order")) and self.is_their_row(request, object_id)

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
    def ship(self, request: HttpRequest, form: ShipForm, object_id: str) -> HttpResponse:
        values = form.cleaned_data

        def act() -> str:
            orders.mark_shipped(
                order_id=int(object_id),
                carrier=values["carrier"],
                tracking_no=values["tracking_no"],
                at=timezone.now(),
            )
            return f"已发货：{values['carrier']} {values['tracking_no']}"

        return self._answer(request, form, object_id, self.ship.dialog, act)

    @action(description="退款", icon="assignment_return", permissions=["refund"])
    def refund(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect(reverse("admin:mall_order_refund_page", args=[object_id]))

    @action(
        description="取消订单",
        icon="cancel",
        permissions=["cancel"],
        dialog={
            "title": "取消这笔订单？",
            "description": "库存和冻结的积分会退还给会员，取消后不能恢复",
            "form_class": DialogForm,
            "form_submit_text": "确认取消",
        },
    )
    def cancel(self, request: HttpRequest, form: DialogForm, object_id: str) -> HttpResponse:
        def act() -> str:
            orders.cancel(order_id=int(object_id), at=timezone.now())
            return "订单已取消"

        return self._answer(request, form, object_id, self.cancel.dialog, act)

    def _answer(
        self, request: HttpRequest, form: DialogForm, object_id: str, dialog: dict[str, Any], act: Callable[[], str]
    ) -> HttpResponse:
        return answer_dialog(
            model_admin=self,
            request=request,
            object_id=object_id,
            form=form,
            dialog=dialog,
            act=act,
            url=reverse("admin:mall_order_change", args=[object_id]),
        )
