"""Links to back-office pages of other rooms, by URL name."""

from typing import Any

from django.urls import NoReverseMatch, reverse


def page_of(name: str, *args: Any, query: str = "") -> str:
    """The page's address; empty where that room has no such page."""
    try:
        return reverse(name, args=args) + query
    except NoReverseMatch:
        return ""
