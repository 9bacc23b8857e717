"""What the checkout page shows: rows and amounts, exactly as placing the order would book them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from mall.rules.pricing import PricedBasket, PricedLine
from mall.selectors.baskets import SALE, Kind, Lines, WantedRow, items, wanted_rows
from mall.selectors.pictures import url_of
from mall.selectors.quotes import quote
from mall.selectors.viewers import buyer

MAX_POINTS: Final = -1  # as many points as may be used
_MORE_THAN_ANYONE_HAS: Final = 2**62


@dataclass(frozen=True, kw_only=True)
class CheckoutRow:
    """One line. `price_cents` is the buyer's unit price (the cash part when redeeming), `points` its points price."""

    sku_id: int
    product_id: int
    name: str
    sku_label: str
    image: str
    quantity: int
    price_cents: int
    ordinary_price_cents: int
    is_member_price: bool
    points: int


@dataclass(frozen=True, kw_only=True)
class CheckoutView:
    """The rows and the arithmetic."""

    rows: list[CheckoutRow]
    priced: PricedBasket


def checkout(
    *, member_id: int, lines: Lines, channel: str, at: datetime, kind: Kind = SALE, points: int = 0
) -> CheckoutView:
    """The basket priced for the member; more points than may be used are cut to the maximum.

    Raises what placing the order would: CartEmpty, SkuGone, ExclusiveProduct, NotOnSaleYet, OutOfStock,
    QuantityOutOfRange.
    """
    who = buyer(member_id=member_id, at=at)
    rows = wanted_rows(who=who, lines=lines, kind=kind, at=at)
    priced = quote(
        items=items(rows, kind=kind),
        kind=kind,
        who=who,
        channel=channel,
        store_id=rows[0].sku.store_id,
        points=_MORE_THAN_ANYONE_HAS if points == MAX_POINTS else points,
        at=at,
    )
    return CheckoutView(
        rows=[_row(row, line, kind) for row, line in zip(rows, priced.lines, strict=True)],
        priced=priced,
    )


def _row(row: WantedRow, line: PricedLine, kind: Kind) -> CheckoutRow:
    return CheckoutRow(
        sku_id=row.sku.id,
        product_id=row.sku.product_id,
        name=row.sku.product_name,
        sku_label=row.sku.label,
        image=url_of(row.sku.image),
        quantity=row.quantity,
        price_cents=line.member_unit_price_cents,
        ordinary_price_cents=line.unit_price_cents,
        is_member_price=line.member_price_cents is not None,
        points=0 if kind == SALE else row.sku.redeem_points or 0,
    )
