"""Adjustments that wait for a second person: who asks, who decides, and by when."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminTextInputWidget

from config.core.admin.dialogs import DialogForm, answer_dialog
from config.core.admin.history import RowHistory
from config.core.admin.read_only import ReadOnlyAdmin
from config.core.admin.spreadsheets import SpreadsheetExport
from members.models import AdjustmentRequest
from members.selectors.adjustments import waiting, waiting_count
from members.services import approvals
from points import ledger

_STATES = {"待审批": "warning", "已通过": "success", "已拒绝": "danger", "已撤回": "info", "已过期": "info"}
_LAPSED = "已过期"


def waiting_badge(request: HttpRequest) -> str:
    """Sidebar badge: requests that wait for a second person; nothing when there are none."""
    count = waiting_count(at=timezone.now())
    return f"{count:,}" if count else ""


class RefuseForm(DialogForm):
    """Why not."""

    text = forms.CharField(label="拒绝原因", min_length=2, max_length=200, widget=UnfoldAdminTextInputWidget)


class StateFilter(admin.SimpleListFilter):
    """By state, where a request that nobody decided on in time is no longer waiting."""

    title = "状态"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        kept = [(value, str(label)) for value, label in AdjustmentRequest.Status.choices]
        return [*kept[:1], ("lapsed", _LAPSED), *kept[1:]]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AdjustmentRequest]) -> QuerySet[AdjustmentRequest]:
        match self.value():
            case None:
                return queryset
            case "pending":
                return queryset.filter(pk__in=waiting(at=timezone.now()))
            case "lapsed":
                return queryset.filter(status="pending", expires_at__lte=timezone.now())
            case status:
                return queryset.filter(status=status)


@admin.register(AdjustmentRequest)
class AdjustmentRequestAdmin(RowHistory, SpreadsheetExport, ReadOnlyAdmin):
    """Requests, the newest first; the buttons decide."""

    empty_text = "一次调整的积分超过「店铺设置」里的上限时，会先在这里等另一位员工审批"
    list_display = ["requested_at", "who", "change", "text", "asked_by", "state", "decided_by", "expires_at"]
    list_filter = [StateFilter, ("requested_at", admin.DateFieldListFilter)]
    list_select_related = ["member", "requester", "decider"]
    list_per_page = 30
    search_fields = ["member__nickname", "member__number", "text"]
    search_help_text = "按会员昵称、会员号或原因搜索"
    ordering = ["-pk"]
    fieldsets = [
        (
            "申请",
            {
                "fields": [
                    ("member_link", "available"),
                    ("change", "text"),
                    ("asked_by", "requested_at"),
                    ("expires_at", "state"),
                ]
            },
        ),
        ("审批", {"fields": [("decided_by", "decided_at"), "answer", "entry_link"]}),
    ]
    readonly_fields = ["member_link", "available", "change", "asked_by", "decided_by", "state", "entry_link"]
    actions_detail = ["approve", "refuse", "withdraw"]
    button_permissions = {"members.approve_adjustmentrequest": "审批（不能审批自己的申请）"}

    @display(description="会员")
    def who(self, request: AdjustmentRequest) -> str:
        return str(request.member)

    @display(description="会员")
    def member_link(self, request: AdjustmentRequest) -> str:
        page = reverse("admin:members_member_change", args=[request.member_id])
        return format_html('<a class="mall-link" href="{}">{}</a>', page, request.member)

    @display(description="会员现有积分")
    def available(self, request: AdjustmentRequest) -> str:
        balance = ledger.balance(account=request.member.points_account_id, at=timezone.now())
        return f"{balance.spendable:,}"

    @display(description="变动积分", ordering="points")
    def change(self, request: AdjustmentRequest) -> str:
        return f"{request.points:+,}"

    @display(description="申请人")
    def asked_by(self, request: AdjustmentRequest) -> str:
        return request.requester.get_full_name() or request.requester.username

    @display(description="审批人")
    def decided_by(self, request: AdjustmentRequest) -> str:
        return (request.decider.get_full_name() or request.decider.username) if request.decider else "—"

    @display(description="状态", label=_STATES, ordering="status")
    def state(self, request: AdjustmentRequest) -> str:
        is_late = request.status == AdjustmentRequest.Status.PENDING and request.expires_at <= timezone.now()
        return _LAPSED if is_late else request.get_status_display()

    @display(description="积分流水")
    def entry_link(self, request: AdjustmentRequest) -> str:
        if request.entry_id is None:
            return "—"
        page = reverse("admin:points_entry_change", args=[request.entry_id])
        return format_html('<a class="mall-link" href="{}">查看流水</a>', page)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """While it waits: its requester may withdraw, anybody else who may, decide."""
        requester = waiting(at=timezone.now()).filter(pk=object_id).values_list("requester_id", flat=True).first()
        if requester is None:
            return []
        fitting = {"withdraw"} if requester == request.user.pk else {"approve", "refuse"}
        names = {f"members_adjustmentrequest_{name}" for name in fitting}
        return [one for one in super().get_actions_detail(request, object_id) if one.action_name in names]

    def has_approve_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("members.approve_adjustmentrequest")

    def has_withdraw_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("members.add_pointsnote")

    @action(
        description="同意",
        icon="check_circle",
        permissions=["approve"],
        dialog={
            "title": "同意这笔调整？",
            "description": "积分会立即入账，并记下申请人和审批人",
            "form_class": DialogForm,
            "form_submit_text": "同意并入账",
        },
    )
    def approve(self, request: HttpRequest, form: DialogForm, object_id: str) -> HttpResponse:
        def act() -> str:
            entry = approvals.approve(request_id=int(object_id), approver_id=_pk(request), at=timezone.now())
            sentence = f"已同意，积分变动 {entry.spendable:+,}，会员现有 {entry.spendable_after:,} 积分"
            self._tell_member(request, object_id, sentence)
            return sentence

        return self._answer(request, form, object_id, self.approve.dialog, act)

    @action(
        description="拒绝",
        icon="block",
        permissions=["approve"],
        dialog={
            "title": "拒绝这笔调整",
            "description": "不会改变积分，申请人能看到原因",
            "form_class": RefuseForm,
            "form_submit_text": "确认拒绝",
        },
    )
    def refuse(self, request: HttpRequest, form: RefuseForm, object_id: str) -> HttpResponse:
        def act() -> str:
            text = form.cleaned_data["text"]
            approvals.refuse(request_id=int(object_id), approver_id=_pk(request), text=text, at=timezone.now())
            return f"已拒绝（{text}）"

        return self._answer(request, form, object_id, self.refuse.dialog, act)

    @action(
        description="撤回申请",
        icon="undo",
        permissions=["withdraw"],
        dialog={
            "title": "撤回这笔申请？",
            "description": "撤回后不再等待审批，积分不变",
            "form_class": DialogForm,
            "form_submit_text": "确认撤回",
        },
    )
    def withdraw(self, request: HttpRequest, form: DialogForm, object_id: str) -> HttpResponse:
        def act() -> str:
            approvals.withdraw(request_id=int(object_id), requester_id=_pk(request), at=timezone.now())
            return "申请已撤回"

        return self._answer(request, form, object_id, self.withdraw.dialog, act)

    def _tell_member(self, request: HttpRequest, object_id: str, sentence: str) -> None:
        """The member's own history names the approval too."""
        member = AdjustmentRequest.objects.select_related("member").get(pk=object_id).member
        self.log_change(request, member, f"审批积分调整：{sentence}")

    def _answer(
        self, request: HttpRequest, form: DialogForm, object_id: str, dialog: dict[str, Any], act: Any
    ) -> HttpResponse:
        return answer_dialog(
            model_admin=self,
            request=request,
            object_id=object_id,
            form=form,
            dialog=dialog,
            act=act,
            url=reverse("admin:members_adjustmentrequest_change", args=[object_id]),
        )


def _pk(request: HttpRequest) -> int:
    return int(request.user.pk or 0)
