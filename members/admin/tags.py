"""Tags, and the interests that members may choose from."""

import re
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminColorInputWidget

from config.core.admin.history import RowHistory
from config.core.admin.spreadsheets import SpreadsheetExport
from members.models import Interest, MemberInterest, MemberTag, Tag

_COLOR = re.compile(r"#[0-9a-fA-F]{6}")


class TagForm(forms.ModelForm):
    """A word and its colour."""

    color = forms.CharField(label="颜色", widget=UnfoldAdminColorInputWidget, initial="#2f6f4f")

    class Meta:
        model = Tag
        fields = ["name", "color", "note"]

    def clean_color(self) -> str:
        color: str = self.cleaned_data["color"]
        if not _COLOR.fullmatch(color):
            raise forms.ValidationError("颜色格式为 # 加六位十六进制数，例如 #2f6f4f")
        return color


def _members_of(model: Any, field: str) -> Subquery:
    rows = model.objects.filter(**{field: OuterRef("pk")}).order_by().values(field)
    return Subquery(rows.annotate(n=Count("pk")).values("n"))


@admin.register(Tag)
class TagAdmin(RowHistory, SpreadsheetExport, ModelAdmin):
    """Tags; staff put them on members in the list of members."""

    empty_text = "先建标签，再到会员列表里勾选会员、选择「打标签」"
    form = TagForm
    list_display = ["name", "note", "member_count", "created_at"]
    list_filter = ["created_at"]
    search_fields = ["name", "note"]
    ordering = ["name"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tag]:
        return super().get_queryset(request).annotate(members_total=_members_of(MemberTag, "tag"))

    @display(description="会员数", ordering="members_total")
    def member_count(self, tag: Any) -> str:
        return f"{tag.members_total or 0:,}"


@admin.register(Interest)
class InterestAdmin(RowHistory, SpreadsheetExport, ModelAdmin):
    """What members may say they like."""

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
