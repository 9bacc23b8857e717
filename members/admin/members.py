"""Members: who they are, where they stand, and the one way for staff to change their points."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from import_export import resources
from import_export.admin import ExportMixin
from import_export.fields import Field
from unfold.admin import ModelAdmin, TabularInline
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.contrib.import_export.forms import ExportForm
from unfold.decorators import action, display
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextInputWidget

from config.core.db import edge_transaction
from config.core.errors import DomainError
from config.core.random_numbers import public_number
from members.models import Member, TierChange
from members.selectors import statement
from members.services import adjustments
from points import ledger

_MOST = 1_000_000


class AdjustPointsForm(BaseDialogForm):
    """How many points, and why; the form's key makes a double click book once."""

    points = forms.IntegerField(
        label="变动积分（增加为正，扣减为负）", min_value=-_MOST, max_value=_MOST, widget=UnfoldAdminIntegerFieldWidget
    )
    text = forms.CharField(label="原因", min_length=2, max_length=200, widget=UnfoldAdminTextInputWidget)
    key = forms.CharField(widget=forms.HiddenInput, max_length=40)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].initial = f"adjust:{public_number(16)}"

    def clean_points(self) -> int:
        if self.cleaned_data["points"] == 0:
            raise forms.ValidationError("变动积分不能为 0")
        return int(self.cleaned_data["points"])


class TierChangeInline(TabularInline):
    """Why the member is where the member is."""

    model = TierChange
    fk_name = "member"
    fields = ["at", "old_tier", "new_tier", "growth", "cause"]
    readonly_fields = fields
    extra = 0
    can_delete = False
    tab = True
    verbose_name_plural = "等级变动"

    def get_queryset(self, request: HttpRequest) -> QuerySet[TierChange]:
        return super().get_queryset(request).select_related("old_tier", "new_tier").order_by("-at", "-pk")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class MemberResource(resources.ModelResource):
    """Columns of the member spreadsheet: nothing that names a person in full."""

    tier = Field(attribute="tier__name", column_name="等级")

    class Meta:
        model = Member
        fields = ["number", "nickname", "phone_last4", "tier", "status", "channel", "registered_at"]


@admin.register(Member)
class MemberAdmin(ExportMixin, ModelAdmin):
    """Members; personal data masked, points changed through the dialog alone."""

    resource_classes = [MemberResource]
    export_form_class = ExportForm
    list_display = ["who", "tier_badge", "points", "growth", "channel", "state", "registered_at"]
    list_filter = ["tier", "status", "channel", ("registered_at", RangeDateFilter)]
    list_filter_submit = True
    list_select_related = ["tier", "points_account", "growth_account"]
    list_per_page = 30
    search_fields = ["nickname", "number", "phone_last4"]
    search_help_text = "按昵称、会员号或手机尾号搜索"
    ordering = ["-pk"]
    inlines = [TierChangeInline]
    fieldsets = [
        ("会员", {"fields": [("nickname", "number"), ("masked_phone", "birthday_month_day"), ("status", "channel")]}),
        ("等级", {"fields": [("tier", "tier_since"), "registered_at"]}),
    ]
    readonly_fields = [
        "number",
        "masked_phone",
        "birthday_month_day",
        "status",
        "channel",
        "tier",
        "tier_since",
        "registered_at",
    ]
    actions_detail = ["adjust_points"]
    change_form_after_template = "admin/members/standing.html"

    @display(description="会员", header=True, ordering="nickname")
    def who(self, member: Member) -> list[str]:
        return [member.nickname, f"{member.number} · {self.masked_phone(member)}", member.nickname[:1]]

    @display(description="手机号")
    def masked_phone(self, member: Member) -> str:
        return f"*******{member.phone_last4}" if member.phone_last4 else "未绑定"

    @display(description="等级", ordering="tier__rank", label=True)
    def tier_badge(self, member: Member) -> str:
        return member.tier.name

    @display(description="可用积分", ordering="points_account__spendable")
    def points(self, member: Member) -> str:
        return f"{member.points_account.spendable:,}"

    @display(description="成长值", ordering="growth_account__spendable")
    def growth(self, member: Member) -> str:
        return f"{member.growth_account.spendable:,}"

    @display(description="状态", label={"正常": "success", "已冻结": "danger", "已注销": "info"}, ordering="status")
    def state(self, member: Member) -> str:
        return member.get_status_display()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        member = self.get_object(request, object_id)
        context = {**(extra_context or {}), **(_standing(member) if member else {})}
        return super().change_view(request, object_id, form_url, context)

    @action(
        description="调整积分",
        icon="toll",
        permissions=["adjust_points"],
        dialog={
            "title": "调整积分",
            "description": "会写入积分流水并记下操作人；扣减不会超过可用积分",
            "form_class": AdjustPointsForm,
            "form_submit_text": "确认调整",
        },
    )
    def adjust_points(self, request: HttpRequest, form: AdjustPointsForm, object_id: int) -> HttpResponse:
        values = form.cleaned_data
        try:
            with edge_transaction():
                entry = adjustments.adjust_points(
                    member_id=int(object_id),
                    points=values["points"],
                    text=values["text"],
                    operator_id=request.user.pk,
                    key=values["key"],
                    at=timezone.now(),
                )
            self.message_user(request, f"积分已调整，现有 {entry.spendable_after:,} 积分", messages.SUCCESS)
        except DomainError as error:
            self.message_user(request, error.text, messages.ERROR)
        return redirect(reverse("admin:members_member_change", args=[object_id]))

    def has_adjust_points_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("members.add_pointsnote")


def _standing(member: Member) -> dict[str, Any]:
    """Balance and the latest entries as plain values for the member's page."""
    at = timezone.now()
    balance = ledger.balance(account=member.points_account_id, at=at)
    growth = ledger.balance(account=member.growth_account_id, at=at)
    page = statement.statement(account=member.points_account_id, limit=20)
    return {
        "balance": {
            "可用积分": f"{balance.spendable:,}",
            "冻结积分": f"{balance.held:,}",
            "待抵扣欠分": f"{balance.arrears:,}",
            "成长值": f"{growth.spendable:,}",
        }.items(),
        "lapsing": [(when, f"{points:,}") for when, points in balance.lapsing[:3]],
        "entries": [
            {
                "at": row.occurred_at,
                "title": row.title,
                "points": f"{row.points:+,}",
                "is_plus": row.points > 0,
                "after": f"{row.spendable_after:,}",
                "source": row.source,
            }
            for row in page.rows
        ],
        "entries_url": _entries_url(member),
    }


def _entries_url(member: Member) -> str:
    try:
        return f"{reverse('admin:points_entry_changelist')}?account__id__exact={member.points_account_id}"
    except NoReverseMatch:
        return ""
