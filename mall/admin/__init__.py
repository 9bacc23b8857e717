"""The mall's back-office pages."""

from mall.admin import catalogue, orders, refunds, stock, storefront

__all__ = ["catalogue", "orders", "refunds", "stock", "storefront"]
