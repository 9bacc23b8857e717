"""Segments: put together without a programmer, counted before they are saved, refreshed in the background."""

from typing import Any

from celery import current_app
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.timesince import timesince
from unfold.admin import ModelAdmin
from unfold.decorators import action, display

from config.core.admin.dialogs import DialogForm, answer_dialog
from config.core.admin.history import RowHistory
from config.core.admin.spreadsheets import SpreadsheetExport
from config.core.db import edge_transaction
from config.core.errors import DomainError
from members.admin.segment_files import faults, list_of_members, shown_uploads
from members.admin.segment_form import SegmentForm
from members.models import Segment
from members.ports import segment_fields
from members.selectors.segments import count_members, in_words, read_text, sentence_of
from members.services import segment_lists, segments

_REFRESH = {
    "title": "现在更新人群？",
    "description": "在后台重新计算，一般几秒到几十秒；正在使用的人群在此期间照常可用",
    "form_class": DialogForm,
    "form_submit_text": "更新",
}


@admin.register(Segment)
class SegmentAdmin(RowHistory, SpreadsheetExport, ModelAdmin):
    """Segments; who is in one is written by refreshes and uploads alone."""

    empty_text = "选几个条件就能圈出一群会员，例如「近 90 天消费满 500 元的黄金会员」，也可以上传名单"
    form = SegmentForm
    list_display = ["name", "kind", "sentence", "number", "refreshed", "shown_state", "is_enabled"]
    list_filter = ["kind", "state", "is_enabled"]
    search_fields = ["name", "note"]
    search_help_text = "按名称或说明搜索"
    ordering = ["-pk"]
    list_per_page = 30
    actions_detail = ["refresh", "export_members"]
    button_permissions = {"members.export_segment": "导出人群名单"}

    @display(description="条件")
    def sentence(self, segment: Segment) -> str:
        return sentence_of(segment)

    @display(description="人数", ordering="members_count")
    def number(self, segment: Segment) -> str:
        return f"{segment.members_count:,}" if segment.refreshed_at else "—"

    @display(description="更新于", ordering="refreshed_at")
    def refreshed(self, segment: Segment) -> str:
        return f"{timesince(segment.refreshed_at, depth=1)}前" if segment.refreshed_at else "尚未计算"

    @display(
        description="状态",
        label={"已就绪": "success", "计算中": "info", "等待计算": "warning", "计算失败": "danger"},
        ordering="state",
    )
    def shown_state(self, segment: Segment) -> str:
        return segment.get_state_display()

    def get_fields(self, request: HttpRequest, obj: Segment | None = None) -> list[Any]:
        if obj is None:
            return ["name", "note", "kind", "rule", "file"]
        own = ["uploads", "file", "replaces"] if obj.kind == Segment.Kind.STATIC else ["rule"]
        if not self.has_change_permission(request, obj):
            own = ["sentence"]
        return ["name", "note", *own, ("number", "refreshed"), "is_enabled"]

    def get_readonly_fields(self, request: HttpRequest, obj: Segment | None = None) -> list[str]:
        return ["number", "refreshed", "sentence", "uploads"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Segment, form: SegmentForm, change: bool) -> None:
        segments.write(segment=obj, rule=obj.rule, at=timezone.now())
        file = form.cleaned_data.get("file")
        if obj.kind == Segment.Kind.STATIC and file is not None:
            self._upload(request, obj, file, replaces=form.cleaned_data.get("replaces") == "yes")
        _refresh_soon(obj.pk)

    def _upload(self, request: HttpRequest, segment: Segment, file: Any, *, replaces: bool) -> None:
        """Keep the list for a worker; what became of it stands on the segment's page."""
        segment_lists.ask(
            segment_id=segment.pk,
            blocks=file.chunks(),
            replaces=replaces,
            user_id=int(request.user.pk or 0),
            at=timezone.now(),
        )
        transaction.on_commit(lambda: current_app.send_task("members.take_segment_lists", kwargs={}), robust=True)
        self.message_user(request, "名单已收到，正在后台导入，稍后打开人群查看结果", messages.SUCCESS)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """The segment, and who looks at it: bad lines are for who uploaded them."""
        segment: Any = super().get_object(request, object_id, from_field)
        if segment is not None:
            segment.asker_id = request.user.pk
        return segment

    @display(description="名单导入")
    def uploads(self, segment: Any) -> str:
        return shown_uploads(segment_id=segment.pk, asker_id=getattr(segment, "asker_id", 0))

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("count/", wrap(self.count), name="members_segment_count"),
            path("choices/", wrap(self.choices), name="members_segment_choices"),
            path("faults/<int:upload_id>/", wrap(self.faults), name="members_segment_faults"),
            path("<int:segment_id>/members.csv", wrap(self.members_file), name="members_segment_members"),
            *super().get_urls(),
        ]

    def count(self, request: HttpRequest) -> HttpResponse:
        """How many an unsaved rule describes, and the rule in words. Nothing is written."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            with edge_transaction():
                rule = read_text(request.POST.get("rule", ""))
                return JsonResponse({"sentence": in_words(rule), "count": count_members(rule=rule, at=timezone.now())})
        except DomainError as refusal:
            return JsonResponse({"error": refusal.text}, status=refusal.http_status)

    def choices(self, request: HttpRequest) -> HttpResponse:
        """What a search among a field's values finds."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        field = segment_fields().get(request.GET.get("field", ""))
        found = field.search(request.GET.get("q", "")[:40]) if field is not None and field.search else []
        return JsonResponse({"choices": found})

    def faults(self, request: HttpRequest, upload_id: int) -> StreamingHttpResponse:
        """The lines of a list that named nobody, for who uploaded it."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        return faults(request, upload_id=upload_id)

    def members_file(self, request: HttpRequest, segment_id: int) -> StreamingHttpResponse:
        """Who is in the segment, as a CSV; that it was taken is noted."""
        if not self.has_export_members_permission(request):
            raise PermissionDenied
        segment = get_object_or_404(Segment, pk=segment_id)
        self.log_change(request, segment, f"已导出人群名单（{segment.members_count:,} 人）")
        return list_of_members(segment_id=segment.pk)

    @action(description="立即更新", icon="refresh", permissions=["change"], dialog=_REFRESH)
    def refresh(self, request: HttpRequest, form: DialogForm, object_id: int) -> HttpResponse:
        def act() -> str:
            segments.begin(segment_id=int(object_id), at=timezone.now())
            _refresh_soon(int(object_id))
            return "已开始在后台更新，稍后刷新本页查看人数"

        return answer_dialog(
            model_admin=self,
            request=request,
            object_id=object_id,
            form=form,
            dialog=_REFRESH,
            act=act,
            url=reverse("admin:members_segment_change", args=[object_id]),
        )

    @action(description="导出名单", icon="download", permissions=["export_members"])
    def export_members(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return redirect(reverse("admin:members_segment_members", args=[object_id]))

    def has_export_members_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("members.export_segment")


def _refresh_soon(segment_id: int) -> None:
    """Have a worker refresh it after the commit; the hourly task finds what a lost message leaves."""
    kwargs = {"segment_id": segment_id}
    transaction.on_commit(lambda: current_app.send_task("members.refresh_segments", kwargs=kwargs), robust=True)
