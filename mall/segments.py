"""What segments may ask about members' orders. An order counts from its payment on, net of what was refunded."""

from collections.abc import Sequence
from typing import Final

from mall.models import Category, Product
from members.ports import Choices, Fragment, Scope, SegmentField, Where, register_segment_fields
from members.rules.segments import Condition, Shape
from members.segment_fields import chosen, ids_of

_GROUP: Final = "消费"
_SEARCHED: Final = 20

# of the scope's members alone, by the index on (member_id, id)
_ORDERS: Final = (
    "FROM mall_order o{join} WHERE o.member_id > %s AND o.member_id <= %s"
    " AND o.kind = 'sale' AND o.paid_at IS NOT NULL AND o.status <> 'cancelled'{more}"
)
_COUNT: Final = "count(*)"
# freight is left out, and refunds of goods with it: cash for goods that the member kept
_SUM: Final = "sum(l.paid_cents - l.refunded_cents)"


def _orders(scope: Scope, days: int | None, *, join: str = "", more: str = "") -> Fragment:
    period, since = (" AND o.paid_at >= %s", (scope.since(days),)) if days else ("", ())
    return Fragment(
        _ORDERS.format(join=join, more=period + more),
        (scope.after_id, scope.upto_id, *since),
    )


def _totalled(aggregate: str, *, join: str = "", more: str = "") -> Where:
    """Compare a total over a member's orders; who has none has 0."""

    def where(condition: Condition, scope: Scope) -> Fragment:
        rows = _orders(scope, condition.days, join=join, more=more)
        sign, contrary = (">=", "IN") if condition.operator == "at_least" else (">", "NOT IN")
        if condition.operator == "at_least" and condition.value == 0:
            return Fragment("TRUE")
        sql = f"m.id {contrary} (SELECT o.member_id {rows.sql} GROUP BY o.member_id HAVING {aggregate} {sign} %s)"
        return Fragment(sql, (*rows.params, condition.value))

    return where


def _last_order(condition: Condition, scope: Scope) -> Fragment:
    assert isinstance(condition.value, int)
    rows = _orders(scope, condition.value)
    contrary = "IN" if condition.operator == "within" else "NOT IN"
    return Fragment(f"m.id {contrary} (SELECT o.member_id {rows.sql})", rows.params)


_LINES: Final = " JOIN mall_orderline l ON l.order_id = o.id"
_GOODS: Final = f"{_LINES} JOIN mall_sku s ON s.id = l.sku_id"
_KEPT: Final = " AND l.refunded_quantity < l.quantity"


def _bought_product(condition: Condition, scope: Scope) -> Fragment:
    rows = _orders(scope, condition.days, join=_GOODS, more=f"{_KEPT} AND s.product_id = ANY(%s)")
    return chosen(condition, Fragment(f"m.id IN (SELECT o.member_id {rows.sql})", (*rows.params, ids_of(condition))))


def _bought_category(condition: Condition, scope: Scope) -> Fragment:
    join = f"{_GOODS} JOIN mall_product p ON p.id = s.product_id"
    rows = _orders(scope, condition.days, join=join, more=f"{_KEPT} AND p.category_id = ANY(%s)")
    return chosen(condition, Fragment(f"m.id IN (SELECT o.member_id {rows.sql})", (*rows.params, ids_of(condition))))


def _products(text: str) -> Choices:
    found = Product.objects.filter(name__icontains=text.strip()).order_by("position", "pk")
    return [(str(pk), name) for pk, name in found.values_list("pk", "name")[:_SEARCHED]]


def _product_names(codes: Sequence[str]) -> Choices:
    ids = [int(code) for code in codes if code.isascii() and code.isdigit() and len(code) < 19]
    return [(str(pk), name) for pk, name in Product.objects.filter(pk__in=ids).values_list("pk", "name")]


def _categories() -> Choices:
    return [(str(pk), name) for pk, name in Category.objects.order_by("position", "pk").values_list("pk", "name")]


def register() -> None:
    """Offer what the mall knows; called once, from AppConfig.ready()."""
    register_segment_fields(
        SegmentField(shape=Shape(name="last_order", label="下单付款", kind="days"), group=_GROUP, where=_last_order),
        SegmentField(
            shape=Shape(name="orders", label="订单数", kind="number", unit="单", has_period=True),
            group=_GROUP,
            where=_totalled(_COUNT),
        ),
        SegmentField(
            shape=Shape(name="spent", label="消费金额", kind="money", has_period=True),
            group=_GROUP,
            where=_totalled(_SUM, join=_LINES),
        ),
        SegmentField(
            shape=Shape(name="product", label="买过的商品", kind="codes", has_period=True),
            group=_GROUP,
            where=_bought_product,
            search=_products,
            named=_product_names,
        ),
        SegmentField(
            shape=Shape(name="category", label="买过的分类", kind="codes", has_period=True),
            group=_GROUP,
            where=_bought_category,
            choices=_categories,
        ),
    )
