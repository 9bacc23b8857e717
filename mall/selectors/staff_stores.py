"""Which stores' orders a member of staff works on."""

from django.db.models import Q, QuerySet

from mall.models import Store
from members.models import User
from members.rules.roles import CLERK


def stores_of(*, staff_id: int) -> frozenset[int] | None:
    """The stores that this person is assigned to; None: all of them are theirs. Two queries at most.

    Whoever was assigned once, and every clerk, has those stores alone: none when there is none left.
    """
    assigned: QuerySet[Store, int] = Store.objects.filter(staff=staff_id).values_list("pk", flat=True)
    own = frozenset(assigned)
    bound = Q(is_bound_to_stores=True) | Q(groups__staff_role__code=CLERK)
    return own if own or User.objects.filter(bound, pk=staff_id).exists() else None
