"""Rows that rules of segments ask for: deleted, they would let everybody in who is to be left out, so they stay."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from members.selectors.segments import segments_that_ask
from members.services.locks import lock_tag_rules


class AskedFor:
    """For an admin of rows that a segment's rule may name: `segment_field`, by the row's `segment_code`.

    The page that asks whether to delete them says which segments ask, and deletes none; who saves such a segment
    meanwhile waits.
    """

    segment_field: str
    segment_code = "pk"

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, Any, list[Any]]:
        """With those that segments ask for among what is protected."""
        lock_tag_rules()
        deleted, counts, needed, protected = super().get_deleted_objects(objs, request)  # type: ignore[misc]
        for row in objs:
            names = segments_that_ask(field=self.segment_field, code=str(getattr(row, self.segment_code)))
            if names:
                segments = "".join(f"「{name}」" for name in names)
                protected = [*protected, f"人群{segments}的条件用到了「{row}」，请先修改人群的条件"]
        return deleted, counts, needed, protected

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        """Many at once: looked at and deleted in one transaction."""
        with transaction.atomic():
            answer: HttpResponse | None = super().response_action(request, queryset)  # type: ignore[misc]
        return answer
