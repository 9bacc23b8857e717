"""Every move on the ladder, newest first, with its cause."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.decorators import display

from config.core.admin.spreadsheets import SpreadsheetExport
from members.admin.standing import cause_in_words
from members.models import TierChange


@admin.register(TierChange)
class TierChangeAdmin(SpreadsheetExport, ModelAdmin):
    """Read-only: moves are made by growth, by the end of a period and by another ladder."""

    empty_text = "会员升级、降级后，这里会列出每次变动和原因"
    list_display = ["at", "member", "old_tier", "new_tier", "growth_shown", "why"]
    list_display_links = None
    list_filter = ["new_tier", "old_tier"]
    search_fields = ["member__number", "member__nickname"]
    search_help_text = "按会员号或昵称搜索"
    list_select_related = ["member", "old_tier", "new_tier"]
    ordering = ["-at", "-pk"]
    date_hierarchy = "at"

    @display(description="当时成长值", ordering="growth")
    def growth_shown(self, change: TierChange) -> str:
        return f"{change.growth:,}"

    @display(description="原因")
    def why(self, change: TierChange) -> str:
        return cause_in_words(change.cause)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
