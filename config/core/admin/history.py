"""The history of a row for owners: what was changed from what to what, by whom, and what was done with buttons."""

from collections.abc import Iterator
from itertools import groupby, pairwise
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from simple_history.template_utils import HistoricalRecordContextHelper

_KINDS = {"+": "新增", "~": "修改", "-": "删除"}
_DEEDS = {"view": "查看", "add": "新增", "change": "修改", "delete": "删除"}
_MOST = 300


class RowHistory:
    """For an admin of a model with `history`: owners see every change; other staff see what Django's page shows."""

    # names of reverse relations whose rows are edited on the same page
    history_of_parts: tuple[str, ...] = ()

    def history_view(
        self: Any, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        if not self.has_view_or_change_permission(request, row):
            raise PermissionDenied
        if not request.user.is_superuser:
            return super().history_view(request, object_id, extra_context)  # type: ignore[misc]
        context = {
            **self.admin_site.each_context(request),
            "title": f"变更历史：{row}",
            "opts": self.opts,
            "object": row,
            "changes": changes_of(row, parts=self.history_of_parts),
            "deeds": _deeds(row),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/row_history.html", context)


def changes_of(row: Any, *, parts: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """Every recorded change of the row and of those parts of it, the newest first."""
    found = list(_changes(type(row), {row._meta.pk.attname: row.pk}))
    for name in parts:
        relation = row._meta.get_field(name)
        found += _changes(relation.related_model, {relation.field.attname: row.pk})
    return sorted(found, key=lambda change: change["at"], reverse=True)


def _changes(model: Any, of: dict[str, Any]) -> Iterator[dict[str, Any]]:
    key = model._meta.pk.attname
    records = model.history.filter(**of).select_related("history_user").order_by(key, "-history_date", "-history_id")
    for _, group in groupby(records[:_MOST], key=lambda record: getattr(record, key)):
        of_one = list(group)
        for new, old in pairwise(of_one):
            details = [] if new.history_type == "-" else _details(model, new, old)
            if details or new.history_type != "~":
                yield _shown(model, new, details)
        if of_one[-1].history_type != "~":  # otherwise it only says how the row was before its first change
            yield _shown(model, of_one[-1], [])


def _shown(model: Any, record: Any, details: list[dict[str, Any]]) -> dict[str, Any]:
    user = record.history_user
    return {
        "at": record.history_date,
        "who": (user.get_full_name() or user.username) if user else "—",
        "kind": _KINDS[record.history_type],
        "what": f"{model._meta.verbose_name} {record.history_object}",
        "details": details,
    }


def _details(model: Any, new: Any, old: Any) -> list[dict[str, Any]]:
    delta = new.diff_against(old, foreign_keys_are_objs=True)
    return _InWords(model, new).context_for_delta_changes(delta)


class _InWords(HistoricalRecordContextHelper):
    """Values as staff read them."""

    def prepare_delta_change_value(self, change: Any, value: Any) -> Any:
        prepared = super().prepare_delta_change_value(change, value)
        if isinstance(prepared, bool):
            return "是" if prepared else "否"
        if prepared in (None, "", []):
            return "（空）"
        if isinstance(prepared, list):
            return [_right(one) if isinstance(one, Permission) else one for one in prepared]
        choices = dict(self.model._meta.get_field(change.field).flatchoices)
        return choices.get(prepared, prepared) if choices else prepared


def _right(permission: Permission) -> str:
    deed = _DEEDS.get(permission.codename.partition("_")[0], permission.codename)
    return f"{deed}{permission.content_type.name}"


def _deeds(row: Any) -> list[dict[str, Any]]:
    """What staff did with buttons and dialogs, and Django's own note of each save."""
    entries = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(type(row)), object_id=str(row.pk))
    return [
        {
            "at": entry.action_time,
            "who": entry.user.get_full_name() or entry.user.get_username(),
            "text": entry.get_change_message(),
        }
        for entry in entries.select_related("user").order_by("-action_time", "-pk")[:_MOST]
    ]
