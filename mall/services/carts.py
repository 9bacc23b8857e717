"""The cart: one line per member and SKU."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import F, Sum

from config.core import policies
from config.core.db import transaction_required
from config.core.errors import DomainError, NotFound
from mall.models import CartLine
from mall.selectors.admission import require_admission
from mall.selectors.baskets import OutOfStock, QuantityOutOfRange, SkuGone, require_quantity
from mall.selectors.skus import SkuFacts, sku_facts
from mall.selectors.viewers import buyer

_MOST_LINES = 100


class CartFull(DomainError):
    """The cart holds as many different goods as it can."""

    code = "cart_full"
    message = "购物车最多放 {maximum} 种商品，请先清理"
    public_facts = {"maximum": "最多的种数"}


@transaction_required
def add_to_cart(*, member_id: int, sku_id: int, quantity: int, at: datetime) -> int:
    """Add units of a SKU; returns how many units the cart holds then."""
    require_quantity(quantity=quantity)
    sku = _sellable(sku_id, member_id, at)
    _require_stock(sku, quantity)
    line, is_new = CartLine.objects.get_or_create(
        member_id=member_id,
        sku_id=sku_id,
        defaults={"quantity": quantity, "seen_price_cents": sku.price_cents, "added_at": at},
    )
    if is_new:
        _require_room(member_id)
    else:
        _add(line, sku, quantity, at)
    return CartLine.objects.filter(member=member_id).aggregate(units=Sum("quantity"))["units"] or 0


@transaction_required
def set_quantity(*, member_id: int, line_id: int, quantity: int, at: datetime) -> None:
    """Set how many units of a line are wanted; the price shown now counts as seen."""
    require_quantity(quantity=quantity)
    line = _locked(member_id, line_id)
    sku = _sellable(line.sku_id, member_id, at)
    _require_stock(sku, quantity)
    CartLine.objects.filter(pk=line.pk).update(quantity=quantity, seen_price_cents=sku.price_cents)


@transaction_required
def set_selected(*, member_id: int, is_selected: bool, line_ids: Sequence[int] | None = None) -> None:
    """Select or leave out these lines, or all. Raises NotFound for a line that is not the member's."""
    lines = CartLine.objects.filter(member=member_id)
    if line_ids is not None:
        lines = lines.filter(pk__in=line_ids)
    if lines.update(is_selected=is_selected) < len(set(line_ids or ())):
        raise NotFound()


@transaction_required
def remove_lines(*, member_id: int, line_ids: Sequence[int]) -> None:
    """Take lines out; a line that is gone already stays gone."""
    CartLine.objects.filter(member=member_id, pk__in=line_ids).delete()


def _add(line: CartLine, sku: SkuFacts, quantity: int, at: datetime) -> None:
    """One conditional UPDATE, so that two taps at once add up and never pass the limit."""
    maximum = policies.current().max_order_quantity
    room = min(maximum, sku.available)
    added = CartLine.objects.filter(pk=line.pk, quantity__lte=room - quantity).update(
        quantity=F("quantity") + quantity, seen_price_cents=sku.price_cents, added_at=at, is_selected=True
    )
    if added:
        return
    if sku.available < maximum:
        raise OutOfStock(name=sku.product_name, sku_id=sku.id, available=sku.available)
    raise QuantityOutOfRange(maximum=maximum)


def _require_room(member_id: int) -> None:
    if CartLine.objects.filter(member=member_id).count() > _MOST_LINES:
        raise CartFull(maximum=_MOST_LINES)


def _sellable(sku_id: int, member_id: int, at: datetime) -> SkuFacts:
    sku = sku_facts(sku_ids=[sku_id]).get(sku_id)
    if sku is None:
        raise SkuGone(name="商品", sku_id=sku_id)
    if not sku.is_sellable:
        raise SkuGone(name=sku.product_name, sku_id=sku_id)
    if not sku.admission.is_free:
        require_admission(sku=sku, who=buyer(member_id=member_id), at=at)
    return sku


def _require_stock(sku: SkuFacts, quantity: int) -> None:
    if sku.available < quantity:
        raise OutOfStock(name=sku.product_name, sku_id=sku.id, available=sku.available)


def _locked(member_id: int, line_id: int) -> CartLine:
    line = CartLine.objects.select_for_update().filter(member=member_id, pk=line_id).first()
    if line is None:
        raise NotFound()
    return line
