"""Tags in the list of members: shown, filtered by, put on and taken off many at once."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from config.core.admin.read_only import ReadOnlyInline
from config.core.db import edge_transaction
from config.core.errors import DomainError
from members.models import Member, MemberTag, Tag
from members.services import tags

_MOST_ACTIONS = 20


class TagFilter(SimpleListFilter):
    """Members who have one tag."""

    title = "标签"
    parameter_name = "tag"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(pk), name) for pk, name in Tag.objects.order_by("name").values_list("pk", "name")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Member]) -> QuerySet[Member]:
        value = self.value()
        return queryset.filter(tags__tag_id=int(value)) if value and value.isdecimal() else queryset


class MemberTagInline(ReadOnlyInline):
    """Which tags the member has, and from whom."""

    model = MemberTag
    fields = ["tag", "source", "put_by", "at"]
    readonly_fields = fields
    verbose_name_plural = "标签"

    def get_queryset(self, request: HttpRequest) -> QuerySet[MemberTag]:
        return super().get_queryset(request).select_related("tag", "put_by").order_by("-at", "-pk")


class Tagging:
    """Mixin of the members' admin: an action per tag to put it on the chosen members, and one to take it off."""

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """The admin's own actions, and those of the first tags by name."""
        actions: dict[str, Any] = super().get_actions(request)  # type: ignore[misc]
        if not request.user.has_perm("members.change_member"):
            return actions
        for tag in Tag.objects.order_by("name")[:_MOST_ACTIONS]:
            actions[f"tag_{tag.pk}"] = (_action(tags_on, tag), f"tag_{tag.pk}", f"打标签：{tag.name}")
            actions[f"untag_{tag.pk}"] = (_action(tags_off, tag), f"untag_{tag.pk}", f"去掉标签：{tag.name}")
        return actions


def tags_on(tag: Tag, ids: list[int], request: HttpRequest) -> str:
    """Put the tag on; the sentence that says so."""
    number = tags.put_tag(tag_id=tag.pk, member_ids=ids, operator_id=int(request.user.pk or 0), at=timezone.now())
    return f"已给 {len(ids):,} 位会员打上「{tag.name}」，其中新打上 {number:,} 位"


def tags_off(tag: Tag, ids: list[int], request: HttpRequest) -> str:
    """Take the tag off; the sentence that says so."""
    return f"已去掉 {tags.take_tag(tag_id=tag.pk, member_ids=ids):,} 位会员的「{tag.name}」"


Deed = Callable[[Tag, list[int], HttpRequest], str]


def _action(deed: Deed, tag: Tag) -> Callable[[ModelAdmin, HttpRequest, QuerySet[Member]], None]:
    return partial(_run, deed, tag)


def _run(deed: Deed, tag: Tag, model_admin: ModelAdmin, request: HttpRequest, queryset: QuerySet[Member]) -> None:
    ids = list(queryset.order_by("pk").values_list("pk", flat=True)[: 10 * 1000])
    try:
        with edge_transaction():
            sentence = deed(tag, ids, request)
            model_admin.log_change(request, tag, sentence)
    except DomainError as refusal:
        model_admin.message_user(request, refusal.text, messages.ERROR)
        return
    model_admin.message_user(request, sentence, messages.SUCCESS)
