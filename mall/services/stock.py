"""Stock moves: each a conditional UPDATE, in SKU order so that two orders never wait for each other in a ring."""

from collections.abc import Mapping

from django.db.models import F

from config.core.db import transaction_required
from mall.models import Sku, Stock
from mall.selectors.baskets import OutOfStock


class StockInconsistent(RuntimeError):
    """A reservation that an order counts on is not there: a programming error, never the buyer's."""


@transaction_required
def reserve(*, store_id: int, quantities: Mapping[int, int]) -> None:
    """Set units aside for an unpaid order. Raises OutOfStock for the first SKU that has too few."""
    for sku_id, quantity in sorted(quantities.items()):
        shelf = Stock.objects.filter(store=store_id, sku=sku_id)
        taken = shelf.filter(available__gte=quantity).update(
            available=F("available") - quantity, reserved=F("reserved") + quantity
        )
        if not taken:
            name = Sku.objects.values_list("product__name", flat=True).get(pk=sku_id)
            left = shelf.values_list("available", flat=True).first()
            raise OutOfStock(name=name, sku_id=sku_id, available=left or 0)


@transaction_required
def release(*, store_id: int, quantities: Mapping[int, int]) -> None:
    """Put what an unpaid order had reserved back on sale."""
    for sku_id, quantity in sorted(quantities.items()):
        _move_reserved(store_id, sku_id, quantity, back_on_sale=quantity)


@transaction_required
def take(*, store_id: int, quantities: Mapping[int, int]) -> None:
    """Turn a reservation into a sale: the units belong to the buyer now."""
    for sku_id, quantity in sorted(quantities.items()):
        _move_reserved(store_id, sku_id, quantity, back_on_sale=0)


@transaction_required
def put_back(*, store_id: int, quantities: Mapping[int, int]) -> None:
    """Put returned units that never left the warehouse on sale again."""
    for sku_id, quantity in sorted(quantities.items()):
        if not Stock.objects.filter(store=store_id, sku=sku_id).update(available=F("available") + quantity):
            Stock.objects.create(store_id=store_id, sku_id=sku_id, available=quantity)


def _move_reserved(store_id: int, sku_id: int, quantity: int, *, back_on_sale: int) -> None:
    moved = Stock.objects.filter(store=store_id, sku=sku_id, reserved__gte=quantity).update(
        reserved=F("reserved") - quantity, available=F("available") + back_on_sale
    )
    if not moved:
        raise StockInconsistent(f"store {store_id} has not reserved {quantity} of SKU {sku_id}")
