"""What someone is about to buy, checked against the shelves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from config.core import policies
from config.core.errors import DomainError
from mall.models import CartLine
from mall.rules.pricing import Item
from mall.selectors.admission import access_of, require_admission
from mall.selectors.skus import SkuFacts, sku_facts
from mall.selectors.viewers import Buyer

CART: Final = "cart"
SALE: Final = "sale"
REDEMPTION: Final = "redemption"
Kind = Literal["sale", "redemption"]


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """So many of one SKU."""

    sku_id: int
    quantity: int


Lines = Literal["cart"] | Sequence[Wanted]


class CartEmpty(DomainError):
    """Nothing is selected in the cart."""

    code = "cart_empty"
    message = "请先选择要结算的商品"


class SkuGone(DomainError):
    """The SKU is not sold (any more)."""

    code = "sku_gone"
    message = "「{name}」已下架，请重新选择"
    public_facts = {"sku_id": "已下架的规格"}


class OutOfStock(DomainError):
    """Fewer are left than wanted."""

    code = "out_of_stock"
    message = "「{name}」库存不足，仅剩 {available} 件"
    field = "quantity"
    public_facts = {"sku_id": "库存不足的规格", "available": "还剩的件数"}

    def __str__(self) -> str:
        return super().__str__() if self.facts["available"] else f"「{self.facts['name']}」已售罄"


class QuantityOutOfRange(DomainError):
    """Less than one, or more than one order may hold."""

    code = "quantity_out_of_range"
    message = "数量须在 1 到 {maximum} 之间"
    http_status = 400
    field = "quantity"
    public_facts = {"maximum": "最多的件数"}


@dataclass(frozen=True, kw_only=True)
class WantedRow:
    """A wanted SKU and how many."""

    sku: SkuFacts
    quantity: int


def wanted_rows(*, who: Buyer, lines: Lines, kind: Kind, at: datetime, store_id: int | None = None) -> list[WantedRow]:
    """What is wanted, in the buyer's order: every row sellable, sold to this buyer now, and in stock at the store
    (None: the default one).

    Raises what stands above and what `require_admission` raises.
    """
    wanted = _selected(who.member_id) if isinstance(lines, str) else _merged(lines)
    if not wanted:
        raise CartEmpty()
    for line in wanted:
        require_quantity(quantity=line.quantity)
    facts = sku_facts(sku_ids=[line.sku_id for line in wanted], store_id=store_id)
    if isinstance(lines, str):
        wanted = [line for line in wanted if _is_on_the_shelf(line, facts.get(line.sku_id), who, at)]
        if not wanted:
            raise CartEmpty()
    return [_checked(line, facts.get(line.sku_id), kind, who, at) for line in wanted]


def require_quantity(*, quantity: int) -> None:
    """Refuse a quantity that no order may hold."""
    maximum = policies.current().max_order_quantity
    if not 1 <= quantity <= maximum:
        raise QuantityOutOfRange(maximum=maximum)


def items(rows: Sequence[WantedRow], *, kind: Kind) -> list[Item]:
    """The rows as pricing sees them."""
    return [_item(row, kind) for row in rows]


def item_of(sku: SkuFacts, *, quantity: int, kind: Kind) -> Item:
    """One SKU as pricing sees it: at its cash price, or at its points price with its cash part."""
    is_sale = kind == SALE
    return Item(
        sku_id=sku.id,
        product_id=sku.product_id,
        category_id=sku.category_id,
        quantity=quantity,
        unit_price_cents=sku.price_cents if is_sale else sku.redeem_cash_cents,
        unit_points=0 if is_sale else sku.redeem_points or 0,
        member_price_cents=sku.member_price_cents if is_sale else None,
    )


def _item(row: WantedRow, kind: Kind) -> Item:
    return item_of(row.sku, quantity=row.quantity, kind=kind)


def _selected(member_id: int | None) -> list[Wanted]:
    lines = CartLine.objects.filter(member=member_id, is_selected=True).order_by("-added_at", "-pk")
    return [Wanted(sku_id=sku, quantity=quantity) for sku, quantity in lines.values_list("sku_id", "quantity")]


def _merged(lines: Sequence[Wanted]) -> list[Wanted]:
    together: dict[int, int] = {}
    for line in lines:
        require_quantity(quantity=line.quantity)
        together[line.sku_id] = together.get(line.sku_id, 0) + line.quantity
    return [Wanted(sku_id=sku, quantity=quantity) for sku, quantity in together.items()]


def _is_on_the_shelf(line: Wanted, sku: SkuFacts | None, who: Buyer, at: datetime) -> bool:
    """Whether a cart line counts: the cart shows the others with what is wrong and leaves them out of its total."""
    if sku is None or not sku.is_sellable or not access_of(sku=sku, who=who, at=at).is_open:
        return False
    return sku.available >= line.quantity


def _checked(line: Wanted, sku: SkuFacts | None, kind: Kind, who: Buyer, at: datetime) -> WantedRow:
    if sku is None:
        raise SkuGone(name="商品", sku_id=line.sku_id)
    if not (sku.is_sellable if kind == SALE else sku.can_be_redeemed):
        raise SkuGone(name=sku.product_name, sku_id=line.sku_id)
    require_admission(sku=sku, who=who, at=at)
    if sku.available < line.quantity:
        raise OutOfStock(name=sku.product_name, sku_id=line.sku_id, available=max(sku.available, 0))
    return WantedRow(sku=sku, quantity=line.quantity)
