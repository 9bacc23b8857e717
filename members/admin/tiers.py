"""The ladder and what each rung gives."""

import re
from typing import Any

from celery import current_app
from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display
from unfold.widgets import UnfoldAdminColorInputWidget

from config.core.admin.history import RowHistory
from config.core.admin.picture_choices import art_field, icon_field
from config.core.admin.spreadsheets import SpreadsheetExport
from members.admin import tier_preview
from members.admin.asked_for import AskedFor
from members.admin.badges import tier_badge
from members.models import Benefit, Member, Tier
from members.rules.benefits import VALUE_HELP, wrong_value

_COLOR = re.compile(r"#[0-9a-fA-F]{6}")


class BenefitForm(forms.ModelForm):
    """A benefit whose value fits its kind."""

    icon = icon_field("图标", initial="gift")

    class Meta:
        model = Benefit
        fields = ["kind", "value", "title", "subtitle", "icon", "position"]
        help_texts = {"value": VALUE_HELP}

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if values.get("kind") and "value" not in self.errors:
            sentence = wrong_value(kind=values["kind"], value=values.get("value"))
            if sentence:
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
        fields = ["name", "code", "rank", "threshold", "retention_threshold", "color", "art"]

    def clean_color(self) -> str:
        color: str = self.cleaned_data["color"]
        if not _COLOR.fullmatch(color):
            raise forms.ValidationError("颜色格式为 # 加六位十六进制数，例如 #c9a063")
        return color

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        rank, threshold = values.get("rank"), values.get("threshold")
        retention = values.get("retention_threshold")
        if retention is not None and threshold is not None and not 0 <= retention <= threshold:
            self.add_error("retention_threshold", "保级成长值为 0 到所需成长值之间")
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
class TierAdmin(AskedFor, RowHistory, SpreadsheetExport, ModelAdmin):
    """Tiers from the lowest up."""

    segment_field, segment_code = "tier", "code"
    empty_text = "先建最低的等级，所需成长值填 0"
    history_of_parts = ("benefits",)
    form = TierForm
    list_display = ["badge", "rank", "needed", "kept_from", "benefit_list", "member_count"]
    search_fields = ["name"]
    ordering = ["rank"]
    inlines = [BenefitInline]
    fields = [("name", "code"), ("rank", "threshold", "retention_threshold"), ("color", "art")]
    change_form_outer_after_template = "admin/members/tier_preview.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tier]:
        count = Member.objects.filter(tier=OuterRef("pk")).order_by().values("tier").annotate(n=Count("pk")).values("n")
        return super().get_queryset(request).annotate(members_total=Subquery(count)).prefetch_related("benefits")

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(self.preview)
        return [path("preview/", page, name="members_tier_preview"), *super().get_urls()]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The form with the panel that says who would move; what moves or costs is confirmed before it is saved."""
        if not self._may_save(request, object_id):
            return super().changeform_view(request, object_id, form_url, extra_context)
        if request.method == "POST" and "_confirmed" not in request.POST:
            form, formset = self._forms(request, object_id)
            if not tier_preview.wrong(form=form, formset=formset) and tier_preview.is_weighty(
                form=form, formset=formset
            ):
                return self._confirmation(request, form, formset)
        url = reverse("admin:members_tier_preview")
        panel = {"preview_url": f"{url}?tier={object_id}" if object_id else url}
        return super().changeform_view(request, object_id, form_url, {**(extra_context or {}), **panel})

    def preview(self, request: HttpRequest) -> HttpResponse:
        """Who would move by the posted form, unsaved, and what it would cost. Nothing is written."""
        object_id = request.GET.get("tier") or None
        if request.method != "POST" or not self._may_save(request, object_id):
            raise PermissionDenied
        form, formset = self._forms(request, object_id)
        return tier_preview.answer(request, form=form, formset=formset, at=timezone.now())

    def _may_save(self, request: HttpRequest, object_id: str | None) -> bool:
        return self.has_change_permission(request) if object_id else self.has_add_permission(request)

    def _forms(self, request: HttpRequest, object_id: str | None) -> tuple[Any, Any]:
        """The posted form and its benefits, as the page that saves would read them."""
        tier = self.get_object(request, object_id) if object_id else None
        if object_id and tier is None:
            raise Http404
        form = self.get_form(request, tier, change=tier is not None)(request.POST, request.FILES, instance=tier)
        form.is_valid()
        (formset, *_), _ = self._create_formsets(request, form.instance, change=tier is not None)
        return form, formset

    def _confirmation(self, request: HttpRequest, form: Any, formset: Any) -> HttpResponse:
        posted = [(name, value) for name in request.POST for value in request.POST.getlist(name)]
        context = {
            **self.admin_site.each_context(request),
            **tier_preview.values(form=form, formset=formset, at=timezone.now()),
            "title": f"确认修改「{form.cleaned_data['name']}」",
            "opts": self.opts,
            "posted": [(name, value) for name, value in posted if name != "csrfmiddlewaretoken"],
            "back_url": request.get_full_path(),
        }
        return TemplateResponse(request, "admin/members/tier_confirm.html", context)

    @display(description="等级", ordering="rank")
    def badge(self, tier: Tier) -> str:
        return tier_badge(tier)

    @display(description="所需成长值", ordering="threshold")
    def needed(self, tier: Tier) -> str:
        return f"{tier.threshold:,}"

    @display(description="保级成长值", ordering="retention_threshold")
    def kept_from(self, tier: Tier) -> str:
        return f"{tier.threshold if tier.retention_threshold is None else tier.retention_threshold:,}"

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
            self.message_user(
                request, "已达到新门槛的会员会在几分钟内自动升级；改高门槛不会让会员立即降级", messages.INFO
            )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The lowest rung stays, and so does one that members stand on."""
        if obj is None or obj.rank <= 1 or not super().has_delete_permission(request, obj):
            return False
        return not Member.objects.filter(tier=obj).exists()
