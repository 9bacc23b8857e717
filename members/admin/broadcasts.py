"""群发 in the back office: write it, see whom it reaches, let it run, pause it and go on."""

from typing import Any

from celery import current_app
from django import forms
from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from unfold.admin import ModelAdmin
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminTextareaWidget

from config.core.admin.dialogs import DialogForm, answer_dialog
from config.core.admin.history import RowHistory
from config.core.admin.spreadsheets import SpreadsheetExport
from config.core.errors import InvalidInput
from members.admin.broadcast_values import ValuesField, boxes_of
from members.models import Broadcast, MessageTemplate, Segment
from members.selectors.broadcast_reach import Reach, reach
from members.selectors.segments import CountTooLong
from members.services import broadcasts
from members.services.broadcasts import BroadcastStateConflict

_STATES = {"草稿": "info", "发送中": "warning", "已暂停": "danger", "已完成": "success"}
_FITTING = {"draft": {"start"}, "running": {"pause"}, "paused": {"resume"}}


class SegmentChoice(forms.ModelChoiceField):
    """Segments with how many are in each."""

    def label_from_instance(self, segment: Any) -> str:
        number = f"{segment.members_count:,} 人" if segment.refreshed_at else "尚未计算"
        return f"{segment.name}（{number}）"


class BroadcastForm(forms.ModelForm):
    """A broadcast: a box for each variable of its template, and a list of member numbers when it has one."""

    values = ValuesField(label="内容")
    numbers = forms.CharField(
        label="会员号名单",
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4, "spellcheck": "false"}),
        help_text="发送对象选“指定名单”时填写，一行一个会员号，可从表格直接粘贴；留空保持原名单",
    )

    class Meta:
        model = Broadcast
        fields = ["name", "template", "audience", "tier", "segment"]
        field_classes = {"segment": SegmentChoice}
        help_texts = {"segment": "发送对象选“会员人群”时填写；以开始时的人群为准：轮到前已离开的不发，之后进入的不补发"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields.get("template")
        if isinstance(choice, forms.ModelChoiceField):
            choice.queryset = MessageTemplate.objects.filter(is_enabled=True).order_by("-purpose", "pk")
            values = self.fields.get("values")
            if isinstance(values, ValuesField):
                values.initial = self.instance.context
                values.widget.templates = {row.pk: boxes_of(row) for row in choice.queryset}
        segment = self.fields.get("segment")
        if isinstance(segment, forms.ModelChoiceField):
            segment.queryset = Segment.objects.filter(is_enabled=True).order_by("name")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        self._hold_draft()
        for audience, field, sentence in (
            (Broadcast.Audience.TIER, "tier", "请选择最低等级"),
            (Broadcast.Audience.SEGMENT, "segment", "请选择人群"),
        ):
            if values.get("audience") != audience:
                values[field] = None
            elif values.get(field) is None and field not in self.errors:
                self.add_error(field, sentence)
        template = values.get("template")
        if template is not None:
            self._judge_values(template, values.get("values") or {})
        return values

    def _hold_draft(self) -> None:
        """What somebody has started meanwhile stays as it was: saved, it would be a draft again and begin anew."""
        if not self.instance.pk:
            return
        try:
            broadcasts.hold_draft(broadcast_id=self.instance.pk)
        except BroadcastStateConflict as refusal:
            raise forms.ValidationError(refusal.text) from refusal

    def _judge_values(self, template: MessageTemplate, typed: dict[str, str]) -> None:
        """What was typed for this template; boxes of others that were tried on the way don't count."""
        variables = boxes_of(template)
        own = {one.name: typed[one.name] for one in variables if one.name in typed}
        try:
            broadcasts.context_of(variables, own)
        except InvalidInput as refusal:
            self.add_error("values", refusal.text)
        else:
            self.instance.context = own


@admin.register(Broadcast)
class BroadcastAdmin(RowHistory, SpreadsheetExport, ModelAdmin):
    """Broadcasts, newest first; a draft can be changed, what has begun can't."""

    empty_text = "先建一个草稿，确认人数后再发送"
    form = BroadcastForm
    list_display = ["name", "template", "sent_to", "state_label", "told_count", "queued_count", "started_at"]
    list_filter = ["state", "audience"]
    list_select_related = ["template", "tier", "segment"]
    search_fields = ["name"]
    search_help_text = "按名称搜索"
    ordering = ["-pk"]
    fieldsets = [
        (None, {"fields": ["name", "template", "values", ("audience", "tier", "segment"), "numbers"]}),
        (
            "进度",
            {
                "fields": [
                    ("state_label", "reach"),
                    ("told_count", "queued_count"),
                    ("started_at", "finished_at"),
                ]
            },
        ),
    ]
    readonly_fields = [
        "said",
        "sent_to",
        "state_label",
        "reach",
        "told_count",
        "queued_count",
        "started_at",
        "finished_at",
    ]
    actions_detail = ["start", "pause", "resume"]
    button_permissions = {"members.run_broadcast": "发送、暂停和继续群发"}

    @display(description="状态", label=_STATES, ordering="state")
    def state_label(self, broadcast: Broadcast) -> str:
        return broadcast.get_state_display()

    @display(description="发送对象", ordering="audience")
    def sent_to(self, broadcast: Broadcast) -> str:
        named = broadcast.tier or broadcast.segment
        return f"{broadcast.get_audience_display()}：{named}" if named else broadcast.get_audience_display()

    @display(description="内容")
    def said(self, broadcast: Broadcast) -> str:
        """What a broadcast that has begun says, the values of its template."""
        names = [variable["name"] for variable in broadcast.template.variables]
        return " · ".join(str(broadcast.context[name]) for name in names if name in broadcast.context) or "—"

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Lines to type are for drafts; of what has begun, its content stands there."""
        if obj is None or obj.state == Broadcast.State.DRAFT:
            return self.fieldsets
        return [(None, {"fields": ["name", "template", "said", "sent_to"]}), *self.fieldsets[1:]]

    @display(description="发送对象人数")
    def reach(self, broadcast: Broadcast) -> str:
        if not broadcast.pk:
            return "保存后显示"
        try:
            return reach_in_words(reach(broadcast=broadcast, at=timezone.now()))
        except CountTooLong as refusal:
            return refusal.text

    @display(description="已进收件箱", ordering="told")
    def told_count(self, broadcast: Broadcast) -> str:
        return f"{broadcast.told:,}"

    @display(description="站外排队", ordering="queued")
    def queued_count(self, broadcast: Broadcast) -> str:
        return f"{broadcast.queued:,}"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may = bool(super().has_change_permission(request, obj))
        return may and (obj is None or obj.state == Broadcast.State.DRAFT)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may = bool(super().has_delete_permission(request, obj))
        return may and obj is not None and obj.state == Broadcast.State.DRAFT

    def save_model(self, request: HttpRequest, obj: Broadcast, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        numbers = form.cleaned_data.get("numbers", "").replace(",", "\n").replace("，", "\n").splitlines()
        if not numbers:
            return
        try:
            count = broadcasts.list_members(broadcast_id=obj.pk, numbers=numbers)
        except InvalidInput as refusal:
            self.message_user(request, f"{refusal.text}，名单没有改动", "error")
        else:
            self.message_user(request, f"名单已换成 {count:,} 人")

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """What the state allows."""
        state = Broadcast.objects.filter(pk=object_id).values_list("state", flat=True).first()
        names = {f"members_broadcast_{name}" for name in _FITTING.get(state or "", set())}
        return [one for one in super().get_actions_detail(request, object_id) if one.action_name in names]

    def has_run_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("members.run_broadcast")

    @action(
        description="开始发送",
        icon="send",
        permissions=["run"],
        dialog={
            "title": "开始群发？",
            "description": "请先核对“发送对象人数”；已经送达的不能撤回，可以随时暂停",
            "form_class": DialogForm,
            "form_submit_text": "开始发送",
        },
    )
    def start(self, request: HttpRequest, form: DialogForm, object_id: str) -> HttpResponse:
        def act() -> str:
            broadcasts.start(broadcast_id=int(object_id), at=timezone.now())
            transaction.on_commit(_wake, robust=True)
            return "群发已开始，刷新本页查看进度"

        return self._answer(request, form, object_id, self.start.dialog, act)

    @action(
        description="暂停",
        icon="pause",
        permissions=["run"],
        dialog={
            "title": "暂停群发？",
            "description": "正在进行的一批会发完，其余的等继续后再发",
            "form_class": DialogForm,
            "form_submit_text": "暂停",
        },
    )
    def pause(self, request: HttpRequest, form: DialogForm, object_id: str) -> HttpResponse:
        def act() -> str:
            broadcasts.pause(broadcast_id=int(object_id))
            return "群发已暂停"

        return self._answer(request, form, object_id, self.pause.dialog, act)

    @action(
        description="继续发送",
        icon="play_arrow",
        permissions=["run"],
        dialog={
            "title": "继续群发？",
            "description": "从上次停下的地方接着发，不会重复",
            "form_class": DialogForm,
            "form_submit_text": "继续发送",
        },
    )
    def resume(self, request: HttpRequest, form: DialogForm, object_id: str) -> HttpResponse:
        def act() -> str:
            broadcasts.resume(broadcast_id=int(object_id))
            transaction.on_commit(_wake, robust=True)
            return "群发已继续"

        return self._answer(request, form, object_id, self.resume.dialog, act)

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
            url=reverse("admin:members_broadcast_change", args=[object_id]),
        )


def reach_in_words(found: Reach) -> SafeString:
    """A line for the inbox and one for each way: who gets it, and why the others don't."""
    lines = [f"站内消息：{found.members:,} 人"]
    for way in found.ways:
        reasons = ((way.unwilling, "未同意"), (way.without_address, "联系不到"), (way.capped, "已达发送次数上限"))
        others = [f"{number:,} 人{why}" for number, why in reasons if number]
        lines.append("，".join([f"{way.name}：{way.reached:,} 人可收到", *others]))
    if found.ways and found.leaves_at:
        lines.append(f"现在是免打扰时段，站外消息 {timezone.localtime(found.leaves_at):%H:%M} 起发出")
    return format_html_join(mark_safe("<br>"), "{}", ((line,) for line in lines))


def _wake() -> None:
    """The periodic task finds it too, half a minute later."""
    current_app.send_task("members.run_broadcasts", expires=60, retry=False)
