"""What kind of work a member of staff does, beyond the rights of their roles."""

from collections.abc import Collection

from config.core.db import transaction_required
from members.models import User


@transaction_required
def bind_to_stores(*, user_ids: Collection[int]) -> None:
    """Let them see their own stores alone from now on, also when the last one is taken from them."""
    for user in User.objects.filter(pk__in=user_ids, is_bound_to_stores=False).order_by("pk"):
        user.is_bound_to_stores = True
        user.save(update_fields=["is_bound_to_stores"])
