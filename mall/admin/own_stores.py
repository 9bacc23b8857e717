"""Staff of stores see and change what belongs to their stores alone; owners, and who was bound to none, everything."""

from typing import Any

from django.contrib import messages
from django.contrib.admin import RelatedFieldListFilter
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from mall.selectors.staff_stores import stores_of


class OwnStores:
    """For an admin of rows that belong to a store, found by `store_path` and by `store_of`.

    A row of another store isn't in the lists, the search and the exports, and its pages and buttons are not found.
    """

    store_path = "store"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return self._theirs(request, super().get_queryset(request))  # type: ignore[misc]

    def get_search_results(self, request: HttpRequest, rows: QuerySet[Any], text: str) -> tuple[QuerySet[Any], bool]:
        """Also for the search over all lists, which brings rows of its own."""
        found: tuple[QuerySet[Any], bool] = super().get_search_results(request, self._theirs(request, rows), text)  # type: ignore[misc]
        return found

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list; whoever has no store reads why it is empty."""
        if own_stores(request) == frozenset() and request.method == "GET":
            messages.warning(request, "你还没有分到门店，所以看不到任何门店的数据；请店主在「门店」里把你加进去")
        answer: HttpResponse = super().changelist_view(request, extra_context)  # type: ignore[misc]
        return answer

    def store_of(self, row: Any) -> int:
        """The id of the row's store."""
        return int(row.store_id)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(super().has_view_permission(request, obj)) and self.is_theirs(request, obj)  # type: ignore[misc]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(super().has_change_permission(request, obj)) and self.is_theirs(request, obj)  # type: ignore[misc]

    def is_theirs(self, request: HttpRequest, row: Any) -> bool:
        """Whether the row, if there is one, belongs to a store of whoever asks."""
        own = own_stores(request)
        return row is None or own is None or self.store_of(row) in own

    def _theirs(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        own = own_stores(request)
        return rows if own is None else rows.filter(**{f"{self.store_path}__in": own})

    def is_their_row(self, request: HttpRequest, object_id: Any) -> bool:
        """The same for the id of a row, as buttons and dialogs name it; None: no row in particular."""
        if object_id is None or own_stores(request) is None:
            return True
        return self.get_object(request, str(object_id)) is not None  # type: ignore[attr-defined]


class OwnStoreFilter(RelatedFieldListFilter):
    """By store, among those of whoever asks."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[Any]:
        own = own_stores(request)
        found: list[Any] = super().field_choices(field, request, model_admin)
        return found if own is None else [choice for choice in found if choice[0] in own]


def own_stores(request: HttpRequest) -> frozenset[int] | None:
    """The stores of whoever asks, asked once per request; None: all."""
    user: Any = request.user
    if user.is_superuser:
        return None
    if not hasattr(request, "_own_stores"):
        request._own_stores = stores_of(staff_id=user.pk)  # type: ignore[attr-defined]
    return request._own_stores  # type: ignore[attr-defined]
