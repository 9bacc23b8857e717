"""Which store sells online."""

from mall.models import Store


def default_store_id() -> int:
    """The store whose stock the online shop sells. Raises Store.DoesNotExist before the shop is set up."""
    return Store.objects.values_list("pk", flat=True).get(is_default=True)
