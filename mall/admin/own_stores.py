"""Staff who are assigned to stores see and change what belongs to these alone; owners, and who has none, everything."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

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
        return row is None or not own or self.store_of(row) in own

    def _theirs(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        own = own_stores(request)
        return rows.filter(**{f"{self.store_path}__in": own}) if own else rows

    def is_their_row(self, request: HttpRequest, object_id: Any) -> bool:
        """The same for the id of a row, as buttons and dialogs name it; None: no row in particular."""
        if object_id is None or not own_stores(request):
            return True
        return self.get_object(request, str(object_id)) is not None  # type: ignore[attr-defined]


def own_stores(request: HttpRequest) -> frozenset[int]:
    """The stores of whoever asks, asked once per request; empty: all."""
    user: Any = request.user
    if user.is_superuser:
        return frozenset()
    if not hasattr(request, "_own_stores"):
        request._own_stores = stores_of(staff_id=user.pk)  # type: ignore[attr-defined]
    return request._own_stores  # type: ignore[attr-defined]
