"""Plans as the merchant sets them up, and the paid time of members."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display
from unfold.widgets import UnfoldAdminColorInputWidget, UnfoldAdminDecimalFieldWidget

from config.core.admin.history import RowHistory
from config.core.admin.picture_choices import icon_field
from config.core.admin.read_only import ReadOnlyAdmin
from config.core.admin.spreadsheets import SpreadsheetExport
from config.core.forms import YuanField
from config.core.money import yuan
from members.models import Plan, PlanBenefit, Subscription
from members.rules.benefits import VALUE_HELP, wrong_value
from members.rules.plans import RefundTerms, refund_words
from members.selectors.plans import live_at


class PlanBenefitForm(forms.ModelForm):
    """A benefit whose value fits its kind."""

    icon = icon_field("图标", initial="gift")

    class Meta:
        model = PlanBenefit
        fields = ["kind", "value", "title", "subtitle", "icon", "position"]
        help_texts = {"value": VALUE_HELP}

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if "value" not in self.errors and values.get("kind"):
            wrong = wrong_value(kind=values["kind"], value=values.get("value"))
            if wrong:
                self.add_error("value", wrong)
        return values


class PlanBenefitInline(TabularInline):
    """What the plan gives."""

    model = PlanBenefit
    form = PlanBenefitForm
    extra = 0
    hide_title = True
    fields = ["kind", "value", "title", "subtitle", "icon", "position"]
    ordering = ["position", "pk"]


class PlanForm(forms.ModelForm):
    """A plan, its prices in yuan."""

    price_cents = YuanField(label="价格（元）", min_value=0, max_value=100_000, widget=UnfoldAdminDecimalFieldWidget)
    list_price_cents = YuanField(
        label="划线价（元）", min_value=1, required=False, widget=UnfoldAdminDecimalFieldWidget
    )
    color = forms.CharField(label="卡面颜色", initial="#3b2f20", widget=UnfoldAdminColorInputWidget)

    class Meta:
        model = Plan
        fields = [
            *("name", "code", "kind", "price_cents", "list_price_cents", "trial_days", "welcome_words"),
            *("refund_rule", "refund_days", "color", "position", "is_active"),
        ]

    def clean_color(self) -> str:
        color: str = self.cleaned_data["color"]
        if len(color) != 7 or color[0] != "#" or any(one not in "0123456789abcdefABCDEF" for one in color[1:]):
            raise forms.ValidationError("颜色格式为 # 加六位十六进制数，例如 #c9a063")
        return color


@admin.register(Plan)
class PlanAdmin(RowHistory, SpreadsheetExport, ModelAdmin):
    """Plans in the order in which members see them."""

    empty_text = "新建一个套餐（例如年卡 99 元），加上会员折扣、包邮等权益，上架后会员就能购买"
    history_of_parts = ("benefits",)
    form = PlanForm
    list_display = ["name", "kind", "price", "refund", "benefit_list", "live_members", "is_active"]
    list_filter = ["kind", "is_active"]
    list_per_page = 30
    search_fields = ["name", "code"]
    search_help_text = "按名称或代码搜索"
    ordering = ["position", "pk"]
    inlines = [PlanBenefitInline]
    fields = [
        ("name", "code"),
        ("kind", "price_cents", "list_price_cents"),
        ("trial_days", "welcome_words"),
        ("refund_rule", "refund_days"),
        ("color", "position", "is_active"),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Plan]:
        running = Subscription.objects.filter(live_at(at=timezone.now()), plan=OuterRef("pk")).order_by()
        count = running.values("plan").annotate(n=Count("pk")).values("n")
        return super().get_queryset(request).annotate(live_total=Subquery(count)).prefetch_related("benefits")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """How long it lasts stays once somebody has it; price and rule may change for those who buy later."""
        return ["kind", "code"] if obj is not None and obj.subscriptions.exists() else []

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What somebody has bought stays; take it off sale instead."""
        return super().has_delete_permission(request, obj) and (obj is None or not obj.subscriptions.exists())

    @display(description="价格", ordering="price_cents")
    def price(self, plan: Plan) -> str:
        return yuan(plan.price_cents)

    @display(description="退会费")
    def refund(self, plan: Plan) -> str:
        return refund_words(RefundTerms(plan.refund_rule, plan.refund_days))

    @display(description="权益")
    def benefit_list(self, plan: Plan) -> str:
        return "、".join(one.title for one in sorted(plan.benefits.all(), key=lambda one: one.position)) or "—"

    @display(description="生效会员", ordering="live_total")
    def live_members(self, plan: Any) -> str:
        return f"{plan.live_total or 0:,}"


@admin.register(Subscription)
class SubscriptionAdmin(SpreadsheetExport, ReadOnlyAdmin):
    """Paid time, read-only; a fee is given back on its order's page, by the rule that was agreed on."""

    empty_text = "会员购买、激活礼品卡或试用后，会员时间会出现在这里"
    list_display = ["member", "plan", "source", "state", "starts_at", "ends", "paid", "refunded"]
    list_filter = ["plan", "source", "state"]
    list_select_related = ["member", "plan"]
    list_per_page = 30
    search_fields = ["member__number", "member__nickname", "order_ref"]
    search_help_text = "按会员号或昵称搜索"
    ordering = ["-pk"]
    fields = [
        ("member", "plan"),
        ("source", "state", "order_ref"),
        ("starts_at", "ends", "bought_at", "closed_at"),
        ("paid", "refunded", "rule"),
    ]

    @display(description="结束", ordering="ends_at")
    def ends(self, row: Subscription) -> str:
        return "终身" if row.ends_at is None else f"{timezone.localtime(row.ends_at):%Y-%m-%d %H:%M}"

    @display(description="实付", ordering="paid_cents")
    def paid(self, row: Subscription) -> str:
        return yuan(row.paid_cents)

    @display(description="已退", ordering="refunded_cents")
    def refunded(self, row: Subscription) -> str:
        return yuan(row.refunded_cents)

    @display(description="约定的退会费规则")
    def rule(self, row: Subscription) -> str:
        return refund_words(RefundTerms(row.refund_rule, row.refund_days))
