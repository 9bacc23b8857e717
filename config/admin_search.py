"""Ctrl+K: pages of the sidebar, and rows of the lists that people look things up in.

Unfold's own search reads every match of every list and keeps the answer in the cache; this one asks each for a few.
"""

from collections.abc import Iterator
from typing import Any

from django.contrib.admin import ModelAdmin
from django.http import HttpRequest
from django.urls import reverse
from unfold.dataclasses import SearchResult

from config import navigation

LOOKED_UP = ["mall.order", "members.member", "mall.product", "campaigns.campaign"]
PER_LIST = 8
_SHORTEST = 2


def find_pages(*, request: HttpRequest, text: str) -> list[SearchResult]:
    """Pages of the sidebar whose title or job contains `text`."""
    groups = navigation.sidebar(request)
    return [
        SearchResult(title=item["title"], description=group["title"], link=item["link"], icon=item["icon"])
        for group in groups
        for item in group["items"]
        if text in item["title"].lower() or text in group["title"].lower()
    ]


def find_rows(*, request: HttpRequest, text: str) -> Iterator[SearchResult]:
    """At most a few rows of each list that this operator may view. One query per list."""
    if len(text) < _SHORTEST:
        return
    for label in LOOKED_UP:
        model_admin = navigation.viewable_admin(request, label)
        if model_admin is not None:
            yield from _rows_of(model_admin, request, text)


def _rows_of(model_admin: "ModelAdmin[Any]", request: HttpRequest, text: str) -> Iterator[SearchResult]:
    rows = model_admin.model._default_manager.order_by("-pk")
    found, has_duplicates = model_admin.get_search_results(request, rows, text)
    options = model_admin.opts
    page = f"admin:{options.app_label}_{options.model_name}_change"
    for row in (found.distinct() if has_duplicates else found)[:PER_LIST]:
        yield SearchResult(
            title=str(row), description=str(options.verbose_name), link=reverse(page, args=[row.pk]), icon="search"
        )
