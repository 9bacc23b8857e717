"""Which stores' orders a member of staff works on."""

from django.db.models import QuerySet

from mall.models import Store


def stores_of(*, staff_id: int) -> frozenset[int]:
    """The stores that this person is assigned to; none: all of them are theirs. One query."""
    assigned: QuerySet[Store, int] = Store.objects.filter(staff=staff_id).values_list("pk", flat=True)
    return frozenset(assigned)
