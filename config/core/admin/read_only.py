"""Rows that the back office shows and nobody types."""

from typing import Any

from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline


class ReadOnly:
    """No add, no change, no delete, whatever the permissions; buttons that call services are not touched by this."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyAdmin(ReadOnly, ModelAdmin):
    """A page of rows to look at."""


class ReadOnlyInline(ReadOnly, TabularInline):
    """Rows of the row that the page is about, in a tab."""

    extra = 0
    tab = True
    hide_title = True  # a row says what it is by its columns
