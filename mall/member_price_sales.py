"""What was sold lately of goods that have a member price now, for the what-if of tiers in the room below."""

from typing import Final

from members.ports import register_member_price_sales

_SQL: Final = """
SELECT placed.member_id, sku.price_cents, sku.member_price_cents, line.quantity - line.refunded_quantity AS units
FROM mall_sku AS sku JOIN mall_orderline AS line ON line.sku_id = sku.id JOIN mall_order AS placed
  ON placed.id = line.order_id
WHERE sku.member_price_cents IS NOT NULL AND line.quantity > line.refunded_quantity AND placed.member_id IS NOT NULL
  AND placed.kind = 'sale' AND placed.status NOT IN ('created', 'cancelled') AND placed.paid_at > %(lately)s
"""


def register() -> None:
    """Offer it; called once, from AppConfig.ready()."""
    register_member_price_sales(_SQL)
