"""站外发送 in the back office: the log of what left the shop, and sending again what failed."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from unfold.decorators import action, display
from unfold.paginator import InfinitePaginator
from unfold.widgets import UnfoldBooleanSwitchWidget

from config.core.admin.dialogs import DialogForm, answer_dialog
from config.core.admin.read_only import ReadOnlyAdmin
from config.core.admin.spreadsheets import SpreadsheetExport
from members.models import MessageDelivery
from members.services import message_deliveries as deliveries

_STATES = {
    "待发送": "info",
    "发送中": "info",
    "已发送": "success",
    "发送失败": "danger",
    "结果不明": "warning",
    "未发送": "info",
}
_STUCK = {MessageDelivery.State.FAILED, MessageDelivery.State.UNKNOWN}


class ResendForm(DialogForm):
    """Of what may have arrived, somebody has to be sure."""

    is_sure = forms.BooleanField(
        label="结果不明的也重新发送：我确认会员可能收到两次", required=False, widget=UnfoldBooleanSwitchWidget
    )


@admin.register(MessageDelivery)
class MessageDeliveryAdmin(SpreadsheetExport, ReadOnlyAdmin):
    """Deliveries, newest first."""

    empty_text = "在消息模板里打开短信、微信或邮件后，发出的消息会显示在这里"
    list_display = ["id", "who", "what", "way", "state_label", "reason", "attempts", "next_try_at", "finished_at"]
    list_filter = ["state", "way", "message__template"]
    list_select_related = ["message__member", "message__template"]
    list_per_page = 30
    search_fields = ["=message__member__number", "message__member__nickname"]
    search_help_text = "按会员号或昵称搜索"
    ordering = ["-pk"]
    fields = [
        ("who", "message_link"),
        ("way", "state_label"),
        "reason",
        "text",
        ("attempts", "next_try_at"),
        ("claimed_at", "finished_at"),
        "provider_ref",
    ]
    readonly_fields = ["who", "message_link", "state_label", "text"]
    actions_detail = ["resend"]
    button_permissions = {"members.resend_messagedelivery": "重新发送失败的消息"}
    paginator = InfinitePaginator  # counts nothing
    show_full_result_count = False

    @display(description="会员")
    def who(self, delivery: MessageDelivery) -> str:
        return str(delivery.message.member)

    @display(description="模板")
    def what(self, delivery: MessageDelivery) -> str:
        return delivery.message.template.name

    @display(description="站内消息")
    def message_link(self, delivery: MessageDelivery) -> str:
        page = reverse("admin:members_message_change", args=[delivery.message_id])
        return format_html('<a class="mall-link" href="{}">{}</a>', page, delivery.message.title)

    @display(description="状态", label=_STATES, ordering="state")
    def state_label(self, delivery: MessageDelivery) -> str:
        return delivery.get_state_display()

    @display(description="内容")
    def text(self, delivery: MessageDelivery) -> str:
        said = delivery.payload
        if "data" in said:
            return "；".join(part["value"] for part in said["data"].values())
        return str(said.get("text", ""))

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Only what failed, or what nobody knows about, is sent again."""
        state = MessageDelivery.objects.filter(pk=object_id).values_list("state", flat=True).first()
        return super().get_actions_detail(request, object_id) if state in _STUCK else []

    def has_resend_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("members.resend_messagedelivery")

    @action(
        description="重新发送",
        icon="send",
        permissions=["resend"],
        dialog={
            "title": "重新发送这条消息？",
            "description": "发送失败的会重新排队；结果不明的可能已经送达，须勾选确认",
            "form_class": ResendForm,
            "form_submit_text": "重新发送",
        },
    )
    def resend(self, request: HttpRequest, form: ResendForm, object_id: str) -> HttpResponse:
        def act() -> str:
            is_sure = bool(form.cleaned_data["is_sure"])
            deliveries.resend(delivery_id=int(object_id), at=timezone.now(), is_sure=is_sure)
            return "已重新排队，稍后发送"

        return answer_dialog(
            model_admin=self,
            request=request,
            object_id=object_id,
            form=form,
            dialog=self.resend.dialog,
            act=act,
            url=reverse("admin:members_messagedelivery_change", args=[object_id]),
        )
