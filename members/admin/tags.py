"""Tags, and the interests that members may choose from."""

import re
from typing import Any

from celery import current_app
from django import forms
from django.contrib import admin
from django.contrib.admin import EmptyFieldListFilter
from django.db import transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminColorInputWidget

from config.core.admin.history import RowHistory
from config.core.admin.spreadsheets import SpreadsheetExport
from config.core.errors import DomainError
from members.admin.asked_for import AskedFor
from members.models import Interest, MemberInterest, MemberTag, Segment, Tag
from members.services import segments, tags

_COLOR = re.compile(r"#[0-9a-fA-F]{6}")


class TagForm(forms.ModelForm):
    """A word and its colour, and the segment that puts it on by itself."""

    color = forms.CharField(label="颜色", widget=UnfoldAdminColorInputWidget, initial="#2f6f4f")

    class Meta:
        model = Tag
        fields = ["name", "color", "note", "segment"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields.get("segment")
        if isinstance(choice, forms.ModelChoiceField):
            choice.queryset = Segment.objects.filter(is_enabled=True).order_by("name")
            choice.empty_label = "不按规则，只由员工打"

    def clean_color(self) -> str:
        color: str = self.cleaned_data["color"]
        if not _COLOR.fullmatch(color):
            raise forms.ValidationError("颜色格式为 # 加六位十六进制数，例如 #2f6f4f")
        return color

    def clean_segment(self) -> Segment | None:
        segment: Segment | None = self.cleaned_data["segment"]
        if segment is not None:
            try:
                tags.check_rule(tag_id=self.instance.pk, segment_id=segment.pk)
            except DomainError as refusal:
                raise forms.ValidationError(refusal.text) from refusal
        return segment


def _later(task: str, **kwargs: Any) -> None:
    """Have a worker do it after the commit; the hourly task finds what a lost message leaves."""
    transaction.on_commit(lambda: current_app.send_task(task, kwargs=kwargs), robust=True)


def _members_of(model: Any, field: str, **also: Any) -> Subquery:
    rows = model.objects.filter(**{field: OuterRef("pk")}, **also).order_by().values(field)
    return Subquery(rows.annotate(n=Count("pk")).values("n"))


@admin.register(Tag)
class TagAdmin(AskedFor, RowHistory, SpreadsheetExport, ModelAdmin):
    """Tags; staff put them on members in the list of members, or the segment that is a tag's rule does."""

    segment_field = "tags"
    empty_text = "先建标签，再到会员列表里勾选会员、选择「打标签」；选一个人群作规则，就会自动打上和去掉"
    form = TagForm
    list_display = ["name", "swatch", "note", "rule", "member_count", "by_rule_count", "created_at"]
    list_filter = [("segment", EmptyFieldListFilter), "created_at"]
    list_select_related = ["segment"]
    search_fields = ["name", "note"]
    ordering = ["name"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tag]:
        by_rule = _members_of(MemberTag, "tag", source=MemberTag.Source.RULE)
        return super().get_queryset(request).annotate(members_total=_members_of(MemberTag, "tag"), by_rule=by_rule)

    @display(description="颜色")
    def swatch(self, tag: Tag) -> SafeString:
        """The colour as members' pages in the back office show it."""
        return format_html('<span class="mall-tier" style="--tier:{}">{}</span>', tag.color, tag.color)

    @display(description="规则", ordering="segment__name")
    def rule(self, tag: Tag) -> str:
        if tag.segment is None:
            return "员工手动"
        return tag.segment.name if tag.segment.is_enabled else f"{tag.segment.name}（已停用，标签不再更新）"

    @display(description="会员数", ordering="members_total")
    def member_count(self, tag: Any) -> str:
        return f"{tag.members_total or 0:,}"

    @display(description="其中规则打的", ordering="by_rule")
    def by_rule_count(self, tag: Any) -> str:
        return f"{tag.by_rule or 0:,}"

    def save_model(self, request: HttpRequest, obj: Tag, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if "segment" not in form.changed_data:
            return
        if obj.segment_id is None:
            _later("members.drop_ruleless_tags")
            self.message_user(request, "规则打上的标签会在后台去掉，员工打的保留")
            return
        segments.begin(segment_id=obj.segment_id, at=timezone.now(), restarts=True)
        _later("members.refresh_segments", segment_id=obj.segment_id)
        self.message_user(request, "正在后台按规则打标签，稍后刷新本页查看人数")


@admin.register(Interest)
class InterestAdmin(AskedFor, RowHistory, SpreadsheetExport, ModelAdmin):
    """What members may say they like."""

    segment_field = "interests"
    empty_text = "列出会员可选的兴趣，例如 茶、烘焙、露营；没有兴趣时会员资料里不出现这一栏"
    list_display = ["name", "position", "is_offered", "member_count"]
    list_editable = ["position", "is_offered"]
    list_filter = ["is_offered"]
    search_fields = ["name"]
    ordering = ["position", "pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Interest]:
        return super().get_queryset(request).annotate(members_total=_members_of(MemberInterest, "interest"))

    @display(description="会员数", ordering="members_total")
    def member_count(self, interest: Any) -> str:
        return f"{interest.members_total or 0:,}"
