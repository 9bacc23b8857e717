"""消息 in the back office: templates with their preview, what was told to whom, and what members agreed to."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin, StackedInline
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from config.core.admin.history import RowHistory
from config.core.admin.read_only import ReadOnlyAdmin, ReadOnlyInline
from config.core.admin.spreadsheets import SpreadsheetExport
from members.admin.message_forms import BUILT_IN, TemplateForm, WayForm, WayFormSet
from members.models import Message, MessageConsent, MessageDelivery, MessageTemplate, SubscribeQuota, TemplateWay
from members.rules.payloads import NICKNAME, payload
from members.rules.templates import BadVariable, samples_of
from members.selectors.message_templates import wording_of

_PURPOSES = {"服务通知": "info", "营销消息": "warning"}


class WayInline(StackedInline):
    """The ways out of the shop; a template without any is told in the inbox alone."""

    model = TemplateWay
    form = WayForm
    formset = WayFormSet
    extra = 0
    tab = True
    fields = [("way", "is_enabled", "remote_id"), "text", "field_lines"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[TemplateWay]:
        return super().get_queryset(request).order_by("pk")


@admin.register(MessageTemplate)
class MessageTemplateAdmin(RowHistory, SpreadsheetExport, ModelAdmin):
    """Templates; each shows how it reads with sample values."""

    empty_text = "建一个模板，写好标题和正文，就能用来群发"
    history_of_parts = ("ways",)
    form = TemplateForm
    inlines = [WayInline]
    list_display = ["name", "purpose_label", "title", "way_names", "is_enabled"]
    list_filter = ["purpose", "is_enabled", "ways__way"]
    search_fields = ["name", "title", "body"]
    search_help_text = "按名称、标题或正文搜索"
    ordering = ["purpose", "pk"]
    fieldsets = [
        (None, {"fields": [("name", "purpose"), ("is_enabled", "is_urgent")]}),
        ("站内消息", {"fields": ["title", "body", ("link", "icon"), "variable_lines"]}),
        ("预览", {"fields": ["preview"]}),
    ]
    readonly_fields = ["preview"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[MessageTemplate]:
        return super().get_queryset(request).prefetch_related("ways")

    @display(description="用途", label=_PURPOSES, ordering="purpose")
    def purpose_label(self, template: MessageTemplate) -> str:
        return template.get_purpose_display()

    @display(description="站外渠道")
    def way_names(self, template: MessageTemplate) -> str:
        names = [way.get_way_display() for way in template.ways.all() if way.is_enabled]
        return "、".join(names) or "仅站内"

    @display(description="用示例值填入后的样子")
    def preview(self, template: MessageTemplate) -> SafeString | str:
        return preview_of(template) if template.pk else "保存后显示"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What the shop itself sends stays; it can be switched off."""
        if obj is not None and (obj.code in BUILT_IN or Message.objects.filter(template=obj).exists()):
            return False
        return bool(super().has_delete_permission(request, obj)) and obj is not None


def preview_of(template: MessageTemplate) -> SafeString | str:
    """The inbox and each way, filled in with the variables' samples."""
    ways = sorted(template.ways.all(), key=lambda way: way.pk)
    try:
        words = wording_of(template, ways)
        values = samples_of([*words.variables, NICKNAME])
    except BadVariable as fault:
        return str(fault)
    inbox = words.inbox(values)
    rows = [("站内消息", f"{inbox.title}\n{inbox.body}")]
    for way, row in zip(words.ways, ways, strict=True):
        said = payload(way, code=template.code, inbox=inbox, values=values)
        text = "\n".join(part["value"] for part in said["data"].values()) if "data" in said else said["text"]
        rows.append((row.get_way_display(), text))
    return format_html_join(
        "",
        '<div class="mall-preview"><b>{}</b><p style="white-space:pre-line;margin:2px 0 12px">{}</p></div>',
        rows,
    )


class DeliveryInline(ReadOnlyInline):
    """Where else the message went."""

    model = MessageDelivery
    fields = ["way", "state", "reason", "attempts", "next_try_at", "finished_at"]
    verbose_name_plural = "站外发送"

    def get_queryset(self, request: HttpRequest) -> QuerySet[MessageDelivery]:
        return super().get_queryset(request).order_by("pk")


@admin.register(Message)
class MessageAdmin(SpreadsheetExport, ReadOnlyAdmin):
    """What members were told, newest first."""

    empty_text = "会员有了订单、积分或等级变动，就会收到站内消息"
    list_display = ["sent_at", "member", "title", "template", "is_read"]
    list_filter = ["template", ("read_at", admin.EmptyFieldListFilter)]
    list_select_related = ["member", "template"]
    list_per_page = 30
    search_fields = ["=member__number", "member__nickname"]
    search_help_text = "按会员号或昵称搜索"
    ordering = ["-pk"]
    fields = [("member_link", "template"), "title", "body", ("sent_at", "read_at")]
    readonly_fields = ["member_link"]
    inlines = [DeliveryInline]
    paginator = InfinitePaginator  # counts nothing
    show_full_result_count = False

    @display(description="会员")
    def member_link(self, message: Message) -> str:
        page = reverse("admin:members_member_change", args=[message.member_id])
        return format_html('<a class="mall-link" href="{}">{}</a>', page, message.member)

    @display(description="已读", boolean=True)
    def is_read(self, message: Message) -> bool:
        return message.read_at is not None


@admin.register(MessageConsent)
class MessageConsentAdmin(SpreadsheetExport, ReadOnlyAdmin):
    """Every yes and no, newest first: the proof of what the shop may send."""

    empty_text = "会员在消息设置里打开或关闭一个渠道后，会记在这里"
    list_display = ["member", "way", "purpose", "given_at", "withdrawn_at", "origin"]
    list_filter = ["way", "purpose", ("withdrawn_at", admin.EmptyFieldListFilter)]
    list_select_related = ["member"]
    list_per_page = 30
    search_fields = ["=member__number", "member__nickname"]
    search_help_text = "按会员号或昵称搜索"
    ordering = ["-pk"]
    fields = ["member", "way", "purpose", "given_at", "withdrawn_at", "origin"]
    readonly_fields = ["origin"]

    @display(description="来源")
    def origin(self, consent: MessageConsent) -> str:
        return {"h5": "H5", "api": "小程序", "merge": "合并会员"}.get(consent.source, consent.source)


@admin.register(SubscribeQuota)
class SubscribeQuotaAdmin(SpreadsheetExport, ReadOnlyAdmin):
    """How many subscribe messages members still allow."""

    empty_text = "会员在小程序里同意订阅消息后，会显示还能发几条"
    list_display = ["member", "remaining", "refused_at"]
    list_filter = [("refused_at", admin.EmptyFieldListFilter)]
    list_select_related = ["member"]
    list_per_page = 30
    search_fields = ["=member__number", "member__nickname"]
    search_help_text = "按会员号或昵称搜索"
    ordering = ["-pk"]
    fields = ["member", "remaining", "refused_at"]
