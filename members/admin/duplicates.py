"""Members who may be one person, and merges that wait: staff compare, merge, dismiss, cancel."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from unfold.decorators import action, display

from config.core.admin.dialogs import DialogForm, answer_dialog
from config.core.admin.history import RowHistory
from config.core.admin.read_only import ReadOnlyAdmin
from config.core.admin.spreadsheets import SpreadsheetExport
from members.models import Duplicate, DuplicateTrace, Member, MergeRequest, User
from members.services import duplicates, merge_requests

_OF_PAIRS = {"待处理": "warning", "不是同一人": "info", "已合并": "success"}
_OF_MERGES = {"等待生效": "warning", "已合并": "success", "已取消": "info", "未能合并": "danger"}


def open_badge(request: HttpRequest) -> str:
    """Sidebar badge: pairs that nobody has decided on; nothing when there are none."""
    count = Duplicate.objects.filter(status=Duplicate.Status.OPEN).count()
    return f"{count:,}" if count else ""


class ReasonFilter(admin.SimpleListFilter):
    """By what speaks for it."""

    title = "依据"
    parameter_name = "reason"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, str(label)) for value, label in DuplicateTrace.Kind.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Duplicate]) -> QuerySet[Duplicate]:
        return queryset.filter(reasons__contains=[self.value()]) if self.value() else queryset


class MayMerge:
    """Whoever may merge members may decide on both pages."""

    button_permissions = {"members.merge_member": "合并会员"}

    def has_merge_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("members.merge_member")


@admin.register(Duplicate)
class DuplicateAdmin(MayMerge, RowHistory, SpreadsheetExport, ReadOnlyAdmin):
    """Pairs, the newest first."""

    empty_text = "每天凌晨自动查找：同名同生日、同名且手机号只差一位、同一微信、同一设备。没有发现重复会员"
    list_display = ["found_at", "one", "other", "why", "state", "decider"]
    list_filter = ["status", ReasonFilter, ("found_at", admin.DateFieldListFilter)]
    list_select_related = ["first", "second", "decided_by"]
    list_per_page = 30
    search_fields = ["first__number", "second__number", "first__nickname", "second__nickname"]
    search_help_text = "按会员号或昵称搜索"
    ordering = ["-found_at", "-pk"]
    fieldsets = [
        ("两位会员", {"fields": [("one_link", "other_link"), ("one_since", "other_since"), "why"]}),
        ("处理", {"fields": [("found_at", "state"), ("decider", "decided_at")]}),
    ]
    readonly_fields = ["one_link", "other_link", "one_since", "other_since", "why", "state", "decider"]
    actions_detail = ["keep_first", "keep_second", "dismiss"]

    @display(description="会员")
    def one(self, pair: Duplicate) -> str:
        return str(pair.first)

    @display(description="另一会员")
    def other(self, pair: Duplicate) -> str:
        return str(pair.second)

    @display(description="会员")
    def one_link(self, pair: Duplicate) -> str:
        return _link(pair.first)

    @display(description="另一会员")
    def other_link(self, pair: Duplicate) -> str:
        return _link(pair.second)

    @display(description="注册")
    def one_since(self, pair: Duplicate) -> str:
        return _since(pair.first)

    @display(description="另一会员注册")
    def other_since(self, pair: Duplicate) -> str:
        return _since(pair.second)

    @display(description="依据")
    def why(self, pair: Duplicate) -> str:
        words = dict(DuplicateTrace.Kind.choices)
        return "、".join(str(words[reason]) for reason in pair.reasons)

    @display(description="状态", label=_OF_PAIRS, ordering="status")
    def state(self, pair: Duplicate) -> str:
        return pair.get_status_display()

    @display(description="处理人")
    def decider(self, pair: Duplicate) -> str:
        return _name(pair.decided_by)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """None once it is decided."""
        is_open = Duplicate.objects.filter(pk=object_id, status=Duplicate.Status.OPEN).exists()
        return list(super().get_actions_detail(request, object_id)) if is_open else []

    @action(description="合并到前一位", icon="merge", permissions=["merge"])
    def keep_first(self, request: HttpRequest, object_id: str) -> HttpResponse:
        pair = Duplicate.objects.select_related("second").get(pk=object_id)
        return _to_merge(target_id=pair.first_id, number=pair.second.number)

    @action(description="合并到后一位", icon="merge", permissions=["merge"])
    def keep_second(self, request: HttpRequest, object_id: str) -> HttpResponse:
        pair = Duplicate.objects.select_related("first").get(pk=object_id)
        return _to_merge(target_id=pair.second_id, number=pair.first.number)

    @action(
        description="不是同一人",
        icon="person_off",
        permissions=["merge"],
        dialog={
            "title": "确认他们不是同一人？",
            "description": "以后不再提示这一对",
            "form_class": DialogForm,
            "form_submit_text": "不是同一人",
        },
    )
    def dismiss(self, request: HttpRequest, form: DialogForm, object_id: str) -> HttpResponse:
        def act() -> str:
            duplicates.dismiss(duplicate_id=int(object_id), operator_id=_pk(request), at=timezone.now())
            return "已标记为不是同一人"

        return answer_dialog(
            model_admin=self,
            request=request,
            object_id=object_id,
            form=form,
            dialog=self.dismiss.dialog,
            act=act,
            url=reverse("admin:members_duplicate_changelist"),
        )


@admin.register(MergeRequest)
class MergeRequestAdmin(MayMerge, RowHistory, SpreadsheetExport, ReadOnlyAdmin):
    """Merges, the newest first; while one waits, a button cancels it."""

    empty_text = "在会员页点「合并重复会员」后，合并会在这里等待生效，生效前可以取消"
    list_display = ["requested_at", "gone", "kept", "state", "due_at", "asked_by", "answer"]
    list_filter = ["status", ("due_at", admin.DateFieldListFilter)]
    list_select_related = ["source", "target", "requested_by", "decided_by"]
    list_per_page = 30
    search_fields = ["source__number", "target__number", "source__nickname", "target__nickname"]
    search_help_text = "按会员号或昵称搜索"
    ordering = ["-pk"]
    fieldsets = [
        ("合并", {"fields": [("gone_link", "kept_link"), ("due_at", "state"), "answer"]}),
        ("经过", {"fields": [("asked_by", "requested_at"), ("cancelled_by", "decided_at")]}),
    ]
    readonly_fields = ["gone_link", "kept_link", "state", "asked_by", "cancelled_by"]
    actions_detail = ["cancel"]

    @display(description="重复会员")
    def gone(self, merge: MergeRequest) -> str:
        return str(merge.source)

    @display(description="保留会员")
    def kept(self, merge: MergeRequest) -> str:
        return str(merge.target)

    @display(description="重复会员")
    def gone_link(self, merge: MergeRequest) -> str:
        return _link(merge.source)

    @display(description="保留会员")
    def kept_link(self, merge: MergeRequest) -> str:
        return _link(merge.target)

    @display(description="状态", label=_OF_MERGES, ordering="status")
    def state(self, merge: MergeRequest) -> str:
        return merge.get_status_display()

    @display(description="申请人")
    def asked_by(self, merge: MergeRequest) -> str:
        return _name(merge.requested_by)

    @display(description="取消人")
    def cancelled_by(self, merge: MergeRequest) -> str:
        return _name(merge.decided_by)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """None once it is done."""
        is_waiting = MergeRequest.objects.filter(pk=object_id, status=MergeRequest.Status.PENDING).exists()
        return list(super().get_actions_detail(request, object_id)) if is_waiting else []

    @action(
        description="取消合并",
        icon="undo",
        permissions=["merge"],
        dialog={
            "title": "取消这次合并？",
            "description": "两位会员都保持不变",
            "form_class": DialogForm,
            "form_submit_text": "取消合并",
        },
    )
    def cancel(self, request: HttpRequest, form: DialogForm, object_id: str) -> HttpResponse:
        def act() -> str:
            merge_requests.cancel(request_id=int(object_id), operator_id=_pk(request), at=timezone.now())
            return "已取消合并"

        return answer_dialog(
            model_admin=self,
            request=request,
            object_id=object_id,
            form=form,
            dialog=self.cancel.dialog,
            act=act,
            url=reverse("admin:members_mergerequest_change", args=[object_id]),
        )


def _to_merge(*, target_id: int, number: str) -> HttpResponse:
    return redirect(f"{reverse('admin:members_member_merge_page', args=[target_id])}?number={number}")


def _link(member: Member) -> str:
    page = reverse("admin:members_member_change", args=[member.pk])
    return format_html('<a class="mall-link" href="{}">{}</a>', page, member)


def _since(member: Member) -> str:
    moment = timezone.localtime(member.registered_at)
    return f"{moment:%Y-%m-%d}，{member.get_channel_display()}，手机尾号 {member.phone_last4 or '无'}"


def _name(user: User | None) -> str:
    return (user.get_full_name() or user.username) if user else "—"


def _pk(request: HttpRequest) -> int:
    return int(request.user.pk or 0)
