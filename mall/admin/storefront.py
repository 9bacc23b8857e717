"""Pages, stores and payments."""

import json
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from config.core import blocks
from config.core.admin.history import RowHistory
from config.core.admin.read_only import ReadOnlyAdmin
from config.core.admin.spreadsheets import SpreadsheetExport
from config.core.json_text import read_json
from config.core.money import yuan
from mall.admin.block_configs import broken_rules
from mall.admin.own_stores import OwnStores
from mall.models import PageBlock, Payment, Store
from members.models import User
from members.services import staff

_LONGEST_CONFIG, _DEEPEST_CONFIG = 50_000, 10
_PROVIDERS = {"sandbox": "沙箱收银台", "wechat": "微信支付", "points": "积分支付"}


class ConfigField(forms.JSONField):
    """JSON in lines that a person can read and change, no longer and no deeper than a page needs."""

    def to_python(self, value: Any) -> Any:
        if not isinstance(value, str) or value in self.empty_values:
            return super().to_python(value)
        try:
            return read_json(value, longest=_LONGEST_CONFIG, deepest=_DEEPEST_CONFIG)
        except ValueError as error:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from error

    def bound_data(self, data: Any, initial: Any) -> Any:
        return data  # as it was typed

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)


class ProviderFilter(admin.SimpleListFilter):
    """By way to pay."""

    title = "支付方式"
    parameter_name = "provider"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(_PROVIDERS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Payment]) -> QuerySet[Payment]:
        return queryset.filter(provider=self.value()) if self.value() else queryset


class PageBlockForm(forms.ModelForm):
    """A block's kind is one that a room registered; its config keeps to the kind's schema."""

    kind = forms.ChoiceField(label="组件", widget=UnfoldAdminSelectWidget)
    config = ConfigField(
        label="配置",
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"spellcheck": "false"}),
        help_text="留空使用默认配置；格式为 JSON 对象",
        error_messages={"invalid": "不是有效的 JSON，请检查引号、逗号和括号"},
    )

    class Meta:
        model = PageBlock
        fields = ["page", "kind", "config", "position", "is_enabled"]
        help_texts = {"position": "数字小的在前"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds: Any = self.fields["kind"]
        kinds.choices = [(kind.kind, kind.title) for kind in blocks.kinds()]

    def clean_config(self) -> dict[str, Any]:
        """The config, if it keeps to the kind's schema: a wrong one would break the page that members open."""
        config = self.cleaned_data["config"] or {}
        if not isinstance(config, dict):
            raise forms.ValidationError('配置应为 JSON 对象，例如 {"title": "新品"}')
        kind = self.cleaned_data.get("kind")
        wrong = broken_rules(config=config, schema=blocks.kind_named(kind).schema) if kind else []
        if wrong:
            raise forms.ValidationError(wrong)
        return config


@admin.register(PageBlock)
class PageBlockAdmin(RowHistory, ModelAdmin):
    """Which blocks stand on home and member centre, in order."""

    empty_text = "加上横幅、快捷入口和商品列表，首页就有内容了"
    form = PageBlockForm
    list_display = ["title", "page", "position", "is_enabled"]
    list_editable = ["position", "is_enabled"]
    list_filter = ["page"]
    ordering = ["page", "position", "pk"]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Titled by page and block, as members know them."""
        block = self.get_object(request, object_id)
        named = {"title": f"{block.get_page_display()} · {self.title(block)}"} if block else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **named})

    @display(description="组件")
    def title(self, block: PageBlock) -> str:
        try:
            return blocks.kind_named(block.kind).title
        except blocks.UnknownBlockKind:
            return f"{block.kind}（组件已不存在）"


def _name(user: Any) -> str:
    return user.get_full_name() or user.get_username()


class StaffChoices(forms.ModelMultipleChoiceField):
    """Staff by the names that their colleagues know."""

    def label_from_instance(self, obj: Any) -> str:
        return _name(obj)


class StoreForm(forms.ModelForm):
    """A store with the people who work for it; owners see everything anyway."""

    staff = StaffChoices(
        queryset=User.objects.none(),
        label="店员",
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="指定了门店的员工只看到、只处理自己门店的订单；从最后一家门店移出后什么也看不到，除非店主在账号里关闭「只看所属门店」",
    )

    class Meta:
        model = Store
        fields = ["code", "name", "address", "phone", "staff"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people: Any = self.fields["staff"]
        people.queryset = User.objects.filter(is_staff=True, is_superuser=False).order_by("username")


@admin.register(Store)
class StoreAdmin(RowHistory, SpreadsheetExport, ModelAdmin):
    """Stores; the default one is the online warehouse."""

    empty_text = "加上门店的名称、地址和电话"
    form = StoreForm
    list_display = ["name", "code", "phone", "is_default", "staff_names"]
    search_fields = ["name", "code"]
    ordering = ["pk"]
    readonly_fields = ["is_default"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Store]:
        return super().get_queryset(request).prefetch_related("staff")

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        staff.bind_to_stores(user_ids=[one.pk for one in form.cleaned_data["staff"]])

    @display(description="店员")
    def staff_names(self, store: Store) -> str:
        return "、".join(_name(one) for one in store.staff.all()) or "—"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Payment)
class PaymentAdmin(OwnStores, SpreadsheetExport, ReadOnlyAdmin):
    """Payment attempts, read-only."""

    store_path = "order__store"
    empty_text = "会员付款后，每一次支付都会记在这里"
    fields = [
        ("out_trade_no", "order"),
        ("paid_by", "amount"),
        ("state", "transaction_id"),
        ("created_at", "succeeded_at"),
        ("wrong_amount", "wrong_amount_at"),
    ]
    search_help_text = "按商户单号、支付流水号或订单号搜索"
    list_per_page = 50
    list_display = ["out_trade_no", "order", "paid_by", "amount", "state", "created_at", "succeeded_at"]
    list_filter = ["status", ProviderFilter]
    search_fields = ["out_trade_no", "transaction_id", "order__number"]
    list_select_related = ["order"]
    ordering = ["-pk"]

    def store_of(self, row: Payment) -> int:
        return row.order.store_id

    @display(description="支付方式", ordering="provider")
    def paid_by(self, payment: Payment) -> str:
        return _PROVIDERS.get(payment.provider, payment.provider)

    @display(description="金额", ordering="amount_cents")
    def amount(self, payment: Payment) -> str:
        return yuan(payment.amount_cents)

    @display(description="不符金额")
    def wrong_amount(self, payment: Payment) -> str:
        return "—" if payment.wrong_amount_cents is None else yuan(payment.wrong_amount_cents)

    @display(
        description="状态",
        label={"待支付": "warning", "已支付": "success", "已关闭": "info", "已退回": "danger"},
        ordering="status",
    )
    def state(self, payment: Payment) -> str:
        return payment.get_status_display()
