"""What stands on the shelves: products put on sale and taken off."""

from collections.abc import Sequence

from config.core.db import transaction_required
from mall.models import Product


@transaction_required
def set_on_sale(*, product_ids: Sequence[int], is_on_sale: bool) -> list[int]:
    """The products that changed. Without an active SKU there is nothing to sell, so such a product stays off."""
    products = Product.objects.filter(pk__in=product_ids, is_on_sale=not is_on_sale)
    if is_on_sale:
        products = products.filter(skus__is_active=True)
    changed = sorted(set(products.values_list("pk", flat=True)))
    Product.objects.filter(pk__in=changed).update(is_on_sale=is_on_sale)
    return changed
