"""The ladder and what each rung gives."""

import re
from decimal import Decimal
from typing import Any

from celery import current_app
from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display
from unfold.widgets import UnfoldAdminColorInputWidget

from config.core.admin.history import RowHistory
from config.core.admin.picture_choices import art_field, icon_field
from config.core.admin.spreadsheets import SpreadsheetExport
from members.admin.badges import tier_badge
from members.models import Benefit, Member, Tier

_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
# what the value of a kind means: smallest, largest, and the sentence for anything else
_VALUES: dict[str, tuple[Decimal, Decimal, str]] = {
    Benefit.Kind.POINTS_MULTIPLIER: (Decimal(1), Decimal(100), "积分倍数为 1 到 100，例如 1.5"),
    Benefit.Kind.DISCOUNT: (Decimal("0.01"), Decimal(1), "会员折扣为 0.01 到 1，例如 0.95 表示 95 折"),
}


class BenefitForm(forms.ModelForm):
    """A benefit whose value fits its kind."""

    icon = icon_field("图标", initial="gift")

    class Meta:
        model = Benefit
        fields = ["kind", "value", "title", "subtitle", "icon", "position"]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        bounds = _VALUES.get(values.get("kind", ""))
        if bounds and "value" not in self.errors:
            least, most, sentence = bounds
            value = values.get("value")
            if value is None or not least <= value <= most:
                self.add_error("value", sentence)
        return values


class BenefitInline(TabularInline):
    """Benefits as data; the kind decides how the value is read."""

    model = Benefit
    form = BenefitForm
    extra = 0
    hide_title = True
    fields = ["kind", "value", "title", "subtitle", "icon", "position"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Benefit]:
        return super().get_queryset(request).order_by("position", "pk")


class TierForm(forms.ModelForm):
    """A rung between its neighbours: whoever stands higher needed more growth."""

    color = forms.CharField(label="卡面颜色", widget=UnfoldAdminColorInputWidget)
    art = art_field("图标", initial="medal")

    class Meta:
        model = Tier
        fields = ["name", "code", "rank", "threshold", "color", "art"]

    def clean_color(self) -> str:
        color: str = self.cleaned_data["color"]
        if not _COLOR.fullmatch(color):
            raise forms.ValidationError("颜色格式为 # 加六位十六进制数，例如 #c9a063")
        return color

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        rank, threshold = values.get("rank"), values.get("threshold")
        if rank is None or threshold is None:
            return values
        others = Tier.objects.exclude(pk=self.instance.pk)
        below = others.filter(rank__lt=rank).order_by("-rank").first()
        above = others.filter(rank__gt=rank).order_by("rank").first()
        if below is None and threshold != 0:
            self.add_error("threshold", "最低的等级所需成长值必须为 0")
        elif below is not None and threshold <= below.threshold:
            self.add_error("threshold", f"须高于「{below.name}」的 {below.threshold:,}")
        if above is not None and threshold >= above.threshold:
            self.add_error("threshold", f"须低于「{above.name}」的 {above.threshold:,}")
        return values


@admin.register(Tier)
class TierAdmin(RowHistory, SpreadsheetExport, ModelAdmin):
    """Tiers from the lowest up."""

    empty_text = "先建最低的等级，所需成长值填 0"
    history_of_parts = ("benefits",)
    form = TierForm
    list_display = ["badge", "rank", "needed", "benefit_list", "member_count"]
    search_fields = ["name"]
    ordering = ["rank"]
    inlines = [BenefitInline]
    fields = [("name", "code"), ("rank", "threshold"), ("color", "art")]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tier]:
        count = Member.objects.filter(tier=OuterRef("pk")).order_by().values("tier").annotate(n=Count("pk")).values("n")
        return super().get_queryset(request).annotate(members_total=Subquery(count)).prefetch_related("benefits")

    @display(description="等级", ordering="rank")
    def badge(self, tier: Tier) -> str:
        return tier_badge(tier)

    @display(description="所需成长值", ordering="threshold")
    def needed(self, tier: Tier) -> str:
        return f"{tier.threshold:,}"

    @display(description="权益")
    def benefit_list(self, tier: Tier) -> str:
        return "、".join(benefit.title for benefit in sorted(tier.benefits.all(), key=lambda b: b.position)) or "—"

    @display(description="会员数", ordering="members_total")
    def member_count(self, tier: Any) -> str:
        return f"{tier.members_total or 0:,}"

    def save_model(self, request: HttpRequest, tier: Tier, form: Any, change: bool) -> None:
        """A new or another threshold lifts whoever reaches it now: soon, and not in this request."""
        super().save_model(request, tier, form, change)
        if not change or "threshold" in form.changed_data:
            transaction.on_commit(lambda: current_app.send_task("members.reevaluate_tiers"), robust=True)
            self.message_user(request, "已达到新门槛的会员会在几分钟内自动升级；改高门槛不会让会员降级", messages.INFO)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The lowest rung stays, and so does one that members stand on."""
        if obj is None or obj.rank <= 1 or not super().has_delete_permission(request, obj):
            return False
        return not Member.objects.filter(tier=obj).exists()
