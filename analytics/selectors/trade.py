"""What the shop sold, by Shanghai day, from paid orders."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, F, QuerySet, Sum
from django.db.models.functions import TruncDate

from config.core.time import SHANGHAI
from config.outbox.models import Delivery, DeliveryState
from mall.models import Order, OrderLine, Sku, Stock
from members.models import Member


@dataclass(frozen=True, kw_only=True)
class Trade:
    """Totals of `[since, until)`. GMV counts what was payable on paid orders, before refunds."""

    gmv_cents: int
    orders: int


def trade(*, since: datetime, until: datetime, stores: Collection[int] | None = None) -> Trade:
    """Totals of a half-open period, of these stores or (None) of all. One query."""
    paid = _paid(since, until, stores).aggregate(gmv=Sum("payable_cents", default=0), orders=Count("pk"))
    return Trade(gmv_cents=paid["gmv"], orders=paid["orders"])


def new_members(*, since: datetime, until: datetime) -> int:
    """Members who registered in a half-open period. One query."""
    return Member.objects.filter(registered_at__gte=since, registered_at__lt=until).count()


def gmv_by_day(
    *, since: datetime, until: datetime, stores: Collection[int] | None = None
) -> dict[date, tuple[int, int]]:
    """Shanghai day -> (GMV in cents, paid orders); days without orders are left out."""
    rows = (
        _paid(since, until, stores)
        .annotate(day=TruncDate("paid_at", tzinfo=SHANGHAI))
        .values("day")
        .annotate(gmv=Sum("payable_cents"), orders=Count("pk"))
        .order_by("day")
    )
    return {row["day"]: (row["gmv"], row["orders"]) for row in rows}


def best_sellers(
    *, since: datetime, until: datetime, limit: int, stores: Collection[int] | None = None
) -> list[tuple[int, str, int, int]]:
    """(product id, name, quantity, cash in cents) of the products that took most cash in the period, net of refunds.

    Lines are summed by SKU before anything is looked up about a product. Two queries.
    """
    lines = OrderLine.objects.filter(order__paid_at__gte=since, order__paid_at__lt=until).order_by()
    if stores is not None:
        lines = lines.filter(order__store__in=stores)
    by_sku = lines.values("sku_id").annotate(
        sold=Sum(F("quantity") - F("refunded_quantity")), cash=Sum(F("paid_cents") - F("refunded_cents"))
    )
    sums = {row["sku_id"]: (row["sold"], row["cash"]) for row in by_sku}
    totals: dict[tuple[int, str], tuple[int, int]] = {}
    skus = Sku.objects.filter(pk__in=sums).values_list("pk", "product_id", "product__name")
    for sku_id, product_id, name in skus:
        sold, cash = totals.get((product_id, name), (0, 0))
        totals[product_id, name] = (sold + sums[sku_id][0], cash + sums[sku_id][1])
    best = sorted(totals.items(), key=lambda one: (-one[1][1], one[0][0]))
    return [(product_id, name, sold, cash) for (product_id, name), (sold, cash) in best if sold][:limit]


def orders_to_ship(*, stores: Collection[int] | None = None) -> int:
    """Paid orders that wait for a parcel, of these stores or (None) of all. One query."""
    return _orders(Order.Status.PAID, stores)


def orders_unpaid(*, stores: Collection[int] | None = None) -> int:
    """Orders that wait for money, likewise. One query."""
    return _orders(Order.Status.CREATED, stores)


def _orders(status: str, stores: Collection[int] | None) -> int:
    return _of(Order.objects.filter(status=status), stores).count()


def _paid(since: datetime, until: datetime, stores: Collection[int] | None) -> QuerySet[Order]:
    return _of(Order.objects.filter(paid_at__gte=since, paid_at__lt=until), stores)


def _of(orders: QuerySet[Order], stores: Collection[int] | None) -> QuerySet[Order]:
    return orders if stores is None else orders.filter(store__in=stores)


def skus_low_in_stock(*, below: int, stores: Collection[int] | None = None) -> int:
    """SKUs on sale of which the online store, if it is among these (None: it is), has fewer than `below`. One
    query."""
    on_sale = Stock.objects.filter(sku__is_active=True, sku__product__is_on_sale=True, store__is_default=True)
    return (on_sale if stores is None else on_sale.filter(store__in=stores)).filter(available__lt=below).count()


def dead_letters() -> int:
    """Facts that a handler refused for good. One query."""
    return Delivery.objects.filter(state=DeliveryState.DEAD).count()


def members_by_tier() -> list[tuple[str, str, int]]:
    """(tier name, card colour, members) from the lowest rung up."""
    rows = (
        Member.objects.values("tier__name", "tier__color", "tier__rank")
        .annotate(members=Count("pk"))
        .order_by("tier__rank")
    )
    return [(row["tier__name"], row["tier__color"], row["members"]) for row in rows]
