"""What was bought and how it travels, as plain values for the top of an order's page."""

from typing import Any

from config.core.money import yuan
from mall.models import Order, OrderLine
from mall.selectors.pictures import url_of


def order_goods(order: Order) -> dict[str, Any]:
    """Lines with every discount, and parcels. Two queries."""
    return {
        "goods": [_line(line) for line in order.lines.order_by("pk")],
        "payable": yuan(order.payable_cents),
        "parcels": list(order.shipments.order_by("pk").values("carrier", "tracking_no", "shipped_at")),
    }


def _line(line: OrderLine) -> dict[str, Any]:
    returned = f"{line.refunded_quantity} 件 · {yuan(line.refunded_cents)}" if line.refunded_quantity else ""
    return {
        "name": line.product_name,
        "label": line.sku_label,
        "image": url_of(line.image),
        "unit_price": yuan(line.unit_price_cents),
        "member_price": "" if line.member_price_cents is None else yuan(line.member_price_cents),
        "quantity": line.quantity,
        "discount": yuan(-line.discount_cents) if line.discount_cents else "—",
        "points": f"{line.points_spent:,}" if line.points_spent else "—",
        "paid": yuan(line.paid_cents),
        "returned": returned or "—",
    }
