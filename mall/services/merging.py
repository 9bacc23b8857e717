"""What the mall keeps of a member who was merged into another."""

from django.db.models import F

from config.core.db import transaction_required
from mall.models import CartLine, Order


@transaction_required
def repoint(*, source_id: int, target_id: int) -> None:
    """Make the duplicate's orders and cart the target's; of a SKU in both carts the pieces add up. Safe to repeat."""
    Order.objects.filter(member_id=source_id).update(member_id=target_id)
    mine = CartLine.objects.select_for_update().filter(member_id__in=(source_id, target_id)).order_by("pk")
    in_cart = {line.sku_id: line.pk for line in mine if line.member_id == target_id}
    for line in mine:
        if line.member_id == source_id and line.sku_id in in_cart:
            CartLine.objects.filter(pk=in_cart[line.sku_id]).update(quantity=F("quantity") + line.quantity)
            line.delete()
    CartLine.objects.filter(member_id=source_id).update(member_id=target_id)


def order_count(member_id: int) -> int:
    """How many orders move along."""
    return Order.objects.filter(member_id=member_id).count()


def cart_count(member_id: int) -> int:
    """How many lines of the cart move along."""
    return CartLine.objects.filter(member_id=member_id).count()
