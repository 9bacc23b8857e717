"""Privacy notices by version, who agreed, and who leaves."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Max, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.decorators import action, display

from config.core.admin.day_range import DayRangeFilter
from config.core.admin.dialogs import DialogForm, answer_dialog
from config.core.admin.history import RowHistory
from config.core.admin.read_only import ReadOnlyAdmin
from config.core.admin.spreadsheets import SpreadsheetExport
from members.models import Closing, Consent, PrivacyNotice
from members.services import consents

_PUBLISH = {
    "title": "发布这个版本？",
    "description": "发布后不能再改；会员下次访问时会看到，同意后才能继续使用",
    "form_class": DialogForm,
    "form_submit_text": "发布",
}


@admin.register(PrivacyNotice)
class PrivacyNoticeAdmin(RowHistory, SpreadsheetExport, ModelAdmin):
    """Versions of the notice. A published one stands; a new wording is a new version."""

    empty_text = "新建一个版本，写好正文后点「发布」；发布后会员登录时需要同意"
    list_display = ["version", "title", "state", "published_at", "agreed"]
    list_filter = ["published_at"]
    search_fields = ["title", "text"]
    ordering = ["-version"]
    fields = ["version", "title", "changes", "text"]
    actions_detail = ["publish"]
    button_permissions = {"members.change_privacynotice": "发布（发布后不能再改）"}

    def get_queryset(self, request: HttpRequest) -> QuerySet[PrivacyNotice]:
        return super().get_queryset(request).annotate(agreed_total=Count("consents"))

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        latest = PrivacyNotice.objects.order_by("-version").first()
        last = PrivacyNotice.objects.aggregate(last=Max("version"))["last"] or 0
        return {
            "version": last + 1,
            "text": latest.text if latest else "",
            "title": latest.title if latest else "隐私政策",
        }

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is not None and obj.published_at is not None:
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is None or obj.published_at is not None:
            return False
        return super().has_delete_permission(request, obj)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """A published version stands as it is: nothing is left to press."""
        is_draft = PrivacyNotice.objects.filter(pk=object_id, published_at=None).exists()
        return super().get_actions_detail(request, object_id) if is_draft else []

    @display(description="状态", label={"已发布": "success", "草稿": "info"})
    def state(self, notice: PrivacyNotice) -> str:
        return "已发布" if notice.published_at else "草稿"

    @display(description="同意人数", ordering="agreed_total")
    def agreed(self, notice: Any) -> str:
        return f"{notice.agreed_total:,}"

    @action(description="发布", icon="publish", permissions=["publish"], dialog=_PUBLISH)
    def publish(self, request: HttpRequest, form: DialogForm, object_id: str) -> HttpResponse:
        def act() -> str:
            version = consents.publish(notice_id=int(object_id), at=timezone.now())
            return f"第 {version} 版已发布，会员下次访问时会看到并确认"

        return answer_dialog(
            model_admin=self,
            request=request,
            object_id=object_id,
            form=form,
            dialog=_PUBLISH,
            act=act,
            url=reverse("admin:members_privacynotice_change", args=[object_id]),
        )

    def has_publish_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("members.change_privacynotice")


@admin.register(Consent)
class ConsentAdmin(SpreadsheetExport, ReadOnlyAdmin):
    """Who agreed to which version, when and where."""

    empty_text = "会员同意隐私政策后，这里会有记录"
    list_display = ["at", "who", "notice", "channel"]
    list_filter = ["notice", "channel", ("at", DayRangeFilter)]
    list_filter_submit = True
    list_select_related = ["member", "notice"]
    search_fields = ["member__number"]
    search_help_text = "按会员号搜索"
    ordering = ["-at", "-pk"]
    list_per_page = 50

    @display(description="会员")
    def who(self, row: Consent) -> str:
        return str(row.member)


@admin.register(Closing)
class ClosingAdmin(SpreadsheetExport, ReadOnlyAdmin):
    """Who leaves: waiting, taken back, done."""

    empty_text = "会员申请注销后，这里会显示申请时间和生效时间"
    list_display = ["asked_at", "who", "state", "due_at", "waits_for", "given_up"]
    list_filter = [("asked_at", DayRangeFilter), "channel"]
    list_filter_submit = True
    list_select_related = ["member"]
    search_fields = ["member__number"]
    search_help_text = "按会员号搜索"
    ordering = ["-asked_at", "-pk"]
    list_per_page = 50

    @display(description="会员")
    def who(self, row: Closing) -> str:
        return str(row.member)

    @display(description="状态", label={"等待生效": "warning", "已撤销": "info", "已注销": "danger"})
    def state(self, row: Closing) -> str:
        return "已注销" if row.done_at else "已撤销" if row.taken_back_at else "等待生效"

    @display(description="作废积分")
    def given_up(self, row: Closing) -> str:
        return "" if row.points is None else f"{row.points:,}"
