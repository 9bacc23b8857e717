"""Cursor paging: stable under inserts, constant cost at any depth. Every list of the API that grows reads like this."""

from typing import Any, Final

from rest_framework import serializers

_LONGEST_CURSOR: Final = 64
MOST: Final = 50


class PageQuery(serializers.Serializer[Any]):
    """Which part of a list is asked for."""

    cursor = serializers.CharField(
        required=False,
        allow_blank=True,
        default="",
        max_length=_LONGEST_CURSOR,
        error_messages={"max_length": "翻页位置无效，请刷新后重试"},
        help_text="上一页返回的 next_cursor；省略表示从头开始",
    )
    limit = serializers.IntegerField(
        required=False,
        default=20,
        min_value=1,
        max_value=MOST,
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value", "max_string_length"), f"每页条数须在 1 到 {MOST} 之间"
        ),
        help_text="每页条数",
    )


class Page(serializers.Serializer[Any]):
    """One part of a list; subclasses name their `items`."""

    next_cursor = serializers.CharField(allow_blank=True, help_text="取下一页用；空字符串表示没有更多")
