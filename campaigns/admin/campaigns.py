"""Campaigns: set up in a form, read as one sentence, published and paused by buttons."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils import timezone
from django_htmx.http import HttpResponseClientRedirect
from unfold.admin import ModelAdmin
from unfold.decorators import action, display

from campaigns.admin import previews
from campaigns.admin.forms import (
    CONDITION_INPUTS,
    EFFECT_INPUTS,
    CampaignForm,
    PresetForm,
    conditional_fields,
)
from campaigns.admin.read_only import ReadOnlyInline
from campaigns.models import Campaign, CampaignVersion, Grant
from campaigns.rules.definitions import parse
from campaigns.rules.fields import InvalidDefinition
from campaigns.rules.windows import is_timed, window_at
from campaigns.rules.words import rule_sentence, schedule_words
from campaigns.services import editing, presets
from config.core.admin.dialogs import DialogForm, answer_dialog
from config.core.admin.history import RowHistory
from config.core.admin.spreadsheets import SpreadsheetExport
from config.core.db import edge_transaction
from config.core.errors import InvalidInput
from members.selectors.tiers import ladder

_STATES = {"草稿": "info", "已启用": "success", "进行中": "success", "未到时间": "warning", "已暂停": "danger"}
_CONDITION_ROWS = [*CONDITION_INPUTS[:5], ("first_day", "last_day"), CONDITION_INPUTS[-1]]
_NOT_YET = "保存后，这里会用一句话说明规则"
_PUBLISH = {
    "title": "发布活动",
    "description": "从现在起生效；以后的修改会另存为新版本",
    "form_class": DialogForm,
    "form_submit_text": "确认发布",
}
_PAUSE = {
    "title": "暂停活动",
    "description": "之后付款的订单不再享受；之前付款的仍按原规则发放",
    "form_class": DialogForm,
    "form_submit_text": "确认暂停",
}
_FROM_PRESET = {
    "title": "从预设新建",
    "description": "会建立一份草稿，改好后再发布",
    "form_class": PresetForm,
    "form_submit_text": "新建草稿",
}


class VersionInline(ReadOnlyInline):
    """What the campaign said, and from when to when."""

    model = CampaignVersion
    verbose_name_plural = "版本"
    fields = ["number", "sentence", "live_from", "live_until"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[CampaignVersion]:
        self.tier_names = _tier_names()  # an inline lives for one request
        return super().get_queryset(request).order_by("-number")

    @display(description="规则")
    def sentence(self, version: CampaignVersion) -> str:
        return rule_sentence(parse(version.definition), tier_names=self.tier_names)


@admin.register(Campaign)
class CampaignAdmin(RowHistory, SpreadsheetExport, ModelAdmin):
    """Campaigns in the order in which they are judged."""

    empty_text = "点「从预设新建」挑一个现成的活动，改好后发布"
    form = CampaignForm
    list_display = ["title", "trigger_name", "state", "schedule", "points_given"]
    list_filter = ["status", "trigger"]
    search_fields = ["name", "code"]
    search_help_text = "按名称或代码搜索"
    ordering = ["position", "pk"]
    inlines = [VersionInline]
    conditional_fields = conditional_fields()
    readonly_fields = ["rule", "state"]
    actions_list = ["new_from_preset"]
    actions_detail = ["publish", "pause"]
    change_form_outer_after_template = "admin/campaigns/preview.html"
    fieldsets = [
        ("规则", {"fields": ["rule", "state"]}),
        ("活动", {"fields": [("name", "code"), "description", "trigger"]}),
        ("时间", {"fields": ["starts_at", "ends_at"], "description": "不填即长期有效；每周、每月的日子在条件里选"}),
        ("条件（全部满足才生效）", {"fields": _CONDITION_ROWS}),
        ("效果", {"fields": EFFECT_INPUTS}),
        ("叠加", {"fields": [("stacking", "position")]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Campaign]:
        grants = Grant.objects.filter(campaign=OuterRef("pk")).order_by().values("campaign")
        total = grants.annotate(total=Sum("points")).values("total")
        return super().get_queryset(request).annotate(points_total=Subquery(total))

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(self.preview)
        return [path("preview/", page, name="campaigns_campaign_preview"), *super().get_urls()]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The form, with the panel that tries it out for whoever may save it."""
        may_save = self.has_change_permission(request) if object_id else self.has_add_permission(request)
        panel: dict[str, Any] = {}
        if may_save:
            url = reverse("admin:campaigns_campaign_preview")
            panel = {
                "preview_form": previews.blank_form(request, at=timezone.now()),
                "preview_url": f"{url}?campaign={object_id}" if object_id else url,
            }
        return super().changeform_view(request, object_id, form_url, {**(extra_context or {}), **panel})

    def preview(self, request: HttpRequest) -> HttpResponse:
        """What the posted form, unsaved, would give. Nothing is written."""
        object_id = request.GET.get("campaign", "")
        campaign = self.get_object(request, object_id) if object_id else None
        may_save = self.has_change_permission(request, campaign) if object_id else self.has_add_permission(request)
        if request.method != "POST" or not may_save or bool(object_id) != bool(campaign):
            raise PermissionDenied
        form = self.get_form(request, campaign, change=campaign is not None)(request.POST, instance=campaign)
        return previews.answer(request, campaign_form=form, campaign_id=campaign.pk if campaign else None)

    def save_model(self, request: HttpRequest, obj: Campaign, form: CampaignForm, change: bool) -> None:
        """Through the editing service; the admin's view has opened the transaction and the form has validated."""
        campaign_id = editing.save(
            campaign_id=obj.pk if change else None, values=form.campaign_values(), at=timezone.now()
        )
        obj.pk = campaign_id
        obj.refresh_from_db()

    @display(description="活动", header=True, ordering="name")
    def title(self, campaign: Campaign) -> list[str]:
        return [campaign.name, campaign.description]

    @display(description="触发", ordering="trigger")
    def trigger_name(self, campaign: Campaign) -> str:
        return campaign.get_trigger_display()

    @display(description="状态", label=_STATES, ordering="status")
    def state(self, campaign: Campaign) -> str:
        definition = _definition(campaign)
        if campaign.status != Campaign.Status.LIVE or definition is None or not is_timed(definition):
            return campaign.get_status_display()
        return "进行中" if window_at(definition, timezone.now()) else "未到时间"

    @display(description="时间")
    def schedule(self, campaign: Campaign) -> str:
        definition = _definition(campaign)
        return schedule_words(definition) if definition else "—"

    @display(description="已发积分", ordering="points_total")
    def points_given(self, campaign: Any) -> str:
        return f"{campaign.points_total:,}" if campaign.points_total else "—"

    @display(description="一句话规则")
    def rule(self, campaign: Campaign) -> str:
        definition = _definition(campaign)
        return rule_sentence(definition, tier_names=_tier_names()) if definition else _NOT_YET

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_publish_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.has_change_permission(request) and self._status(object_id) in {"draft", "paused"}

    def has_pause_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.has_change_permission(request) and self._status(object_id) == "live"

    def _status(self, object_id: Any) -> str | None:
        return Campaign.objects.filter(pk=object_id).values_list("status", flat=True).first() if object_id else None

    @action(description="发布", icon="play_arrow", permissions=["publish"], dialog=_PUBLISH)
    def publish(self, request: HttpRequest, form: DialogForm, object_id: int) -> HttpResponse:
        def act() -> str:
            editing.publish(campaign_id=int(object_id), at=timezone.now())
            return "活动已发布，从现在起生效"

        return self._answer(request, object_id, form, _PUBLISH, act)

    @action(description="暂停", icon="pause", permissions=["pause"], dialog=_PAUSE)
    def pause(self, request: HttpRequest, form: DialogForm, object_id: int) -> HttpResponse:
        def act() -> str:
            editing.pause(campaign_id=int(object_id), at=timezone.now())
            return "活动已暂停；之前付款的订单仍按原规则发放"

        return self._answer(request, object_id, form, _PAUSE, act)

    @action(description="从预设新建", icon="library_add", permissions=["add"], dialog=_FROM_PRESET)
    def new_from_preset(self, request: HttpRequest, form: PresetForm) -> HttpResponse:
        with edge_transaction():
            campaign_id = presets.copy_of_preset(preset=form.cleaned_data["preset"], at=timezone.now())
        self.message_user(request, "草稿已建立，检查后点「发布」生效", messages.SUCCESS)
        return HttpResponseClientRedirect(reverse("admin:campaigns_campaign_change", args=[campaign_id]))

    def _answer(
        self, request: HttpRequest, object_id: int, form: DialogForm, dialog: dict[str, Any], act: Callable[[], str]
    ) -> HttpResponse:
        url = reverse("admin:campaigns_campaign_change", args=[object_id])
        return answer_dialog(
            model_admin=self, request=request, object_id=object_id, form=form, dialog=dialog, act=act, url=url
        )


def _definition(campaign: Campaign) -> Any:
    """The campaign's parsed content; None while it has none."""
    if not campaign.pk:
        return None
    try:
        return parse(editing.definition_of(campaign))
    except (InvalidInput, InvalidDefinition):
        return None


def _tier_names() -> dict[str, str]:
    return {rung.code: rung.name for rung in ladder()}
