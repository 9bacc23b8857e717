"""The cart as its page shows it."""

from dataclasses import dataclass
from datetime import datetime

from config.core.db import Ask
from mall.models import CartLine
from mall.rules.admission import Access
from mall.rules.pricing import PricedBasket, UnitPrice, unit_price
from mall.selectors.admission import access_of, opening
from mall.selectors.baskets import SALE, item_of
from mall.selectors.pictures import url_of
from mall.selectors.quotes import quote
from mall.selectors.skus import SkuFacts, sku_facts
from mall.selectors.viewers import Buyer, buyer

_COUNT = "SELECT coalesce(sum(quantity), 0)::bigint FROM mall_cartline WHERE member_id = %(member)s"


@dataclass(frozen=True, kw_only=True)
class CartRow:
    """One line. Both prices are the member's; `problem` says in words why it can't be bought as it is, else empty."""

    line_id: int
    sku_id: int
    product_id: int
    name: str
    sku_label: str
    image: str
    quantity: int
    is_selected: bool
    price_cents: int
    seen_price_cents: int
    ordinary_price_cents: int
    is_member_price: bool
    available: int
    is_gone: bool
    problem: str
    access: Access


@dataclass(frozen=True, kw_only=True)
class CartView:
    """The cart. `priced` is of the selected rows that can be bought; None when there is none."""

    rows: list[CartRow]
    priced: PricedBasket | None
    selected_quantity: int
    all_selected: bool


def cart(*, member_id: int, channel: str, at: datetime) -> CartView:
    """The member's cart as the channel would sell it, the newest line first; its size costs no more queries."""
    lines = list(CartLine.objects.filter(member=member_id).order_by("-added_at", "-pk"))
    who, skus = buyer(member_id=member_id, at=at), sku_facts(sku_ids=[line.sku_id for line in lines])
    rows = [_row(line, skus[line.sku_id], who, at) for line in lines]
    buyable = [row for row in rows if not row.problem]
    chosen = [row for row in buyable if row.is_selected]
    items = [item_of(skus[row.sku_id], quantity=row.quantity, kind=SALE) for row in chosen]
    priced = None
    if items:
        priced = quote(
            items=items,
            kind=SALE,
            who=who,
            channel=channel,
            store_id=skus[chosen[0].sku_id].store_id,
            points=0,
            at=at,
        )
    return CartView(
        rows=rows,
        priced=priced,
        selected_quantity=sum(row.quantity for row in chosen),
        all_selected=bool(buyable) and len(chosen) == len(buyable),
    )


def cart_count(*, member_id: int) -> int:
    """How many units the cart holds."""
    return cart_count_ask(member_id=member_id).answer()


def cart_count_ask(*, member_id: int) -> Ask[int]:
    """The question of `cart_count`."""
    return Ask(sql=_COUNT, params={"member": member_id}, read=lambda rows: int(rows[0][0]))


def _row(line: CartLine, sku: SkuFacts, who: Buyer, at: datetime) -> CartRow:
    access, now = access_of(sku=sku, who=who, at=at), _price(sku.price_cents, sku, who)
    return CartRow(
        line_id=line.pk,
        sku_id=sku.id,
        product_id=sku.product_id,
        name=sku.product_name,
        sku_label=sku.label,
        image=url_of(sku.image),
        quantity=line.quantity,
        is_selected=line.is_selected,
        price_cents=now.cents,
        seen_price_cents=_price(line.seen_price_cents, sku, who).cents,
        ordinary_price_cents=sku.price_cents,
        is_member_price=now.is_member_price,
        available=max(sku.available, 0),
        is_gone=not sku.is_sellable,
        problem=_problem(line, sku, access),
        access=access,
    )


def _price(cents: int, sku: SkuFacts, who: Buyer) -> UnitPrice:
    """What one costs the buyer when the shop's price is so many cents."""
    return unit_price(
        cents=cents,
        member_price_cents=sku.member_price_cents,
        discount=who.discount,
        has_member_price=who.has_member_price,
    )


def _problem(line: CartLine, sku: SkuFacts, access: Access) -> str:
    if not sku.is_sellable:
        return "已下架"
    if not access.is_for_viewer:
        return f"仅限{access.for_whom}购买"
    if access.opens_at is not None:
        return f"{opening(access.opens_at)} 开售"
    if sku.available <= 0:
        return "已售罄"
    if sku.available < line.quantity:
        return f"仅剩 {sku.available} 件"
    return ""
