"""The ladder and what each rung gives."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display

from members.models import Benefit, Member, Tier


class BenefitInline(TabularInline):
    """Benefits as data; the kind decides how the value is read."""

    model = Benefit
    extra = 0
    fields = ["kind", "value", "title", "subtitle", "icon", "position"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Benefit]:
        return super().get_queryset(request).order_by("position", "pk")


@admin.register(Tier)
class TierAdmin(ModelAdmin):
    """Tiers from the lowest up."""

    list_display = ["name", "rank", "threshold", "benefit_list", "member_count"]
    search_fields = ["name"]
    ordering = ["rank"]
    inlines = [BenefitInline]
    fields = ["name", "code", "rank", "threshold", "color", "art"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tier]:
        count = Member.objects.filter(tier=OuterRef("pk")).order_by().values("tier").annotate(n=Count("pk")).values("n")
        return super().get_queryset(request).annotate(members_total=Subquery(count)).prefetch_related("benefits")

    @display(description="权益")
    def benefit_list(self, tier: Tier) -> str:
        return "、".join(benefit.title for benefit in sorted(tier.benefits.all(), key=lambda b: b.position)) or "—"

    @display(description="会员数", ordering="members_total")
    def member_count(self, tier: Any) -> int:
        return tier.members_total or 0

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is not None and obj.rank > 1 and super().has_delete_permission(request, obj)
