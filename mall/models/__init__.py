"""Rows of the mall, by subject."""

from mall.models.aftersales import Refund, RefundLine
from mall.models.carts import CartLine
from mall.models.catalogue import Category, Product, ProductImage, Sku
from mall.models.orders import Order, OrderLine, Payment, Shipment
from mall.models.pages import PageBlock
from mall.models.plan_orders import PlanGood, PlanOrder
from mall.models.stores import Stock, Store

__all__ = [
    "CartLine",
    "Category",
    "Order",
    "OrderLine",
    "PageBlock",
    "Payment",
    "PlanGood",
    "PlanOrder",
    "Product",
    "ProductImage",
    "Refund",
    "RefundLine",
    "Shipment",
    "Sku",
    "Stock",
    "Store",
]
