"""The mall's back-office pages."""

from mall.admin import catalogue, orders, storefront

__all__ = ["catalogue", "orders", "storefront"]
