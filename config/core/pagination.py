"""Cursor paging: stable under inserts, constant cost at any depth."""

from rest_framework.pagination import CursorPagination


class KeyCursorPagination(CursorPagination):
    """Newest first by primary key; `page_size` up to 100."""

    page_size = 20
    max_page_size = 100
    page_size_query_param = "page_size"
    ordering = "-pk"
