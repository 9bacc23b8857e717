"""Members: who they are, where they stand, and the one way for staff to change their points."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from import_export import resources
from import_export.fields import Field
from import_export.widgets import DateTimeWidget
from unfold.admin import ModelAdmin
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextInputWidget

from config.core.admin.day_range import DayRangeFilter
from config.core.admin.dialogs import DialogForm, answer_dialog
from config.core.admin.history import RowHistory
from config.core.admin.read_only import ReadOnlyInline
from config.core.admin.spreadsheets import SpreadsheetExport
from config.core.random_numbers import public_number
from members.admin.account import AccountView
from members.admin.badges import tier_badge
from members.admin.merging import MergeView
from members.admin.reveal import RevealView
from members.admin.standing import cause_in_words, standing_panel
from members.admin.tagging import MemberTagInline, TagFilter, Tagging
from members.models import Member, TierChange
from members.services import adjustments

_MOST = 1_000_000


class AdjustPointsForm(DialogForm):
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


def adjusted_in_words(done: adjustments.Adjusted, *, points: int, text: str) -> str:
    """What became of the adjustment, for the operator and the history."""
    if done.entry is None:
        return f"调整 {points:+,} 积分已提交审批，须由另一位员工同意后入账（{text}）"
    return f"积分已调整 {points:+,}，现有 {done.entry.spendable_after:,} 积分（{text}）"


class TierChangeInline(ReadOnlyInline):
    """Why the member is where the member is."""

    model = TierChange
    fk_name = "member"
    fields = ["at", "old_tier", "new_tier", "reached", "why"]
    readonly_fields = ["reached", "why"]
    per_page = 30
    verbose_name_plural = "等级变动"

    def get_queryset(self, request: HttpRequest) -> QuerySet[TierChange]:
        return super().get_queryset(request).select_related("old_tier", "new_tier").order_by("-at", "-pk")

    @display(description="当时成长值")
    def reached(self, change: TierChange) -> str:
        return f"{change.growth:,}"

    @display(description="原因")
    def why(self, change: TierChange) -> str:
        return cause_in_words(change.cause)


class MemberResource(resources.ModelResource):
    """Columns of the member spreadsheet: nothing that names a person in full."""

    number = Field(attribute="number", column_name="会员号")
    nickname = Field(attribute="nickname", column_name="昵称")
    phone_last4 = Field(attribute="phone_last4", column_name="手机尾号")
    tier = Field(attribute="tier__name", column_name="等级")
    points = Field(attribute="points_account__spendable", column_name="可用积分")
    growth = Field(attribute="growth_account__spendable", column_name="成长值")
    status = Field(attribute="get_status_display", column_name="状态")
    channel = Field(attribute="get_channel_display", column_name="注册渠道")
    registered_at = Field(attribute="registered_at", column_name="注册时间", widget=DateTimeWidget("%Y-%m-%d %H:%M"))

    class Meta:
        model = Member
        fields = ["number", "nickname", "phone_last4", "tier", "points", "growth", "status", "channel", "registered_at"]


@admin.register(Member)
class MemberAdmin(Tagging, RowHistory, SpreadsheetExport, ModelAdmin):
    """Members; personal data masked, points changed through the dialog alone."""

    empty_text = "会员在商城登录一次就会出现在这里，也可以用命令导入"
    resource_classes = [MemberResource]
    list_display = ["who", "tier_badge", "points", "growth", "channel", "state", "registered_at"]
    list_filter = ["tier", TagFilter, "status", "channel", ("registered_at", DayRangeFilter)]
    list_filter_submit = True
    list_select_related = ["tier", "points_account", "growth_account"]
    list_per_page = 30
    search_fields = ["nickname", "number", "phone_last4"]
    search_help_text = "按昵称、会员号或手机尾号搜索"
    ordering = ["-pk"]
    inlines = [TierChangeInline, MemberTagInline]
    fieldsets = [
        ("会员", {"fields": [("nickname", "number"), ("masked_phone", "birthday_day"), ("status", "channel")]}),
        ("等级", {"fields": [("tier_name", "tier_since"), "registered_at"]}),
    ]
    readonly_fields = [
        "number",
        "masked_phone",
        "birthday_day",
        "status",
        "channel",
        "tier_name",
        "tier_since",
        "registered_at",
    ]
    actions_detail = ["account", "adjust_points", "reveal", "merge"]
    button_permissions = {
        "members.add_pointsnote": "调整积分",
        "members.merge_member": "合并会员",
        "members.reveal_member": "查看完整信息（记录原因）",
    }
    change_form_before_template = "admin/members/standing.html"

    @display(description="会员", header=True, ordering="nickname")
    def who(self, member: Member) -> list[str]:
        return [member.nickname, f"{member.number} · {self.masked_phone(member)}", member.nickname[:1]]

    @display(description="手机号")
    def masked_phone(self, member: Member) -> str:
        return f"*******{member.phone_last4}" if member.phone_last4 else "未绑定"

    @display(description="生日")
    def birthday_day(self, member: Member) -> str:
        day, lunar = member.birthday_month_day, member.birthday_calendar == Member.Calendar.LUNAR
        return f"{'农历 ' if lunar else ''}{int(day[:2])} 月 ** 日" if day else "未填写"

    @display(description="等级", ordering="tier__rank")
    def tier_badge(self, member: Member) -> str:
        return tier_badge(member.tier)

    @display(description="等级")
    def tier_name(self, member: Member) -> str:
        return tier_badge(member.tier)

    @display(description="可用积分", ordering="points_account__spendable")
    def points(self, member: Member) -> str:
        return f"{member.points_account.spendable:,}"

    @display(description="成长值", ordering="growth_account__spendable")
    def growth(self, member: Member) -> str:
        return f"{member.growth_account.spendable:,}"

    @display(
        description="状态",
        label={"正常": "success", "已冻结": "danger", "注销中": "warning", "已注销": "info", "已合并": "info"},
        ordering="status",
    )
    def state(self, member: Member) -> str:
        return "已合并" if member.merged_into_id else member.get_status_display()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        member = self.get_object(request, object_id)
        panel = standing_panel(member, at=timezone.now()) if member else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **panel})

    def get_urls(self) -> list[URLPattern]:
        account = self.admin_site.admin_view(AccountView.as_view(model_admin=self))
        merge = self.admin_site.admin_view(MergeView.as_view(model_admin=self))
        reveal = self.admin_site.admin_view(RevealView.as_view(model_admin=self))
        return [
            path("<int:member_id>/account/", account, name="members_member_account"),
            path("<int:member_id>/merge/", merge, name="members_member_merge_page"),
            path("<int:member_id>/reveal/", reveal, name="members_member_reveal_page"),
            *super().get_urls(),
        ]

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Of a member who was merged only the account is left to look at."""
        offered = super().get_actions_detail(request, object_id)
        if not Member.objects.filter(pk=object_id, merged_into__isnull=False).exists():
            return offered
        return [one for one in offered if one.action_name == "members_member_account"]

    @action(description="积分账户", icon="account_balance_wallet", permissions=["view"])
    def account(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect(reverse("admin:members_member_account", args=[object_id]))

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
    def adjust_points(self, request: HttpRequest, form: AdjustPointsForm, object_id: str) -> HttpResponse:
        values = form.cleaned_data

        def act() -> str:
            done = adjustments.adjust_points(
                member_id=int(object_id),
                points=values["points"],
                text=values["text"],
                operator_id=int(request.user.pk or 0),
                key=values["key"],
                at=timezone.now(),
            )
            return adjusted_in_words(done, points=values["points"], text=values["text"])

        return answer_dialog(
            model_admin=self,
            request=request,
            object_id=object_id,
            form=form,
            dialog=self.adjust_points.dialog,
            act=act,
            url=reverse("admin:members_member_change", args=[object_id]),
        )

    @action(description="合并重复会员", icon="merge", permissions=["merge"])
    def merge(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect(reverse("admin:members_member_merge_page", args=[object_id]))

    @action(description="查看完整信息", icon="visibility", permissions=["reveal"])
    def reveal(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect(reverse("admin:members_member_reveal_page", args=[object_id]))

    def has_reveal_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("members.reveal_member")

    def has_merge_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("members.merge_member")

    def has_adjust_points_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("members.add_pointsnote")
