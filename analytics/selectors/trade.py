"""What the shop sold, by Shanghai day, from paid orders."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncDate

from config.core.time import SHANGHAI
from mall.models import Order, OrderLine, Stock
from members.models import Member


@dataclass(frozen=True, kw_only=True)
class Trade:
    """Totals of `[since, until)`. GMV counts what was payable on paid orders, before refunds."""

    gmv_cents: int
    orders: int
    new_members: int


def trade(*, since: datetime, until: datetime) -> Trade:
    """Totals of a half-open period, in two queries."""
    paid = Order.objects.filter(paid_at__gte=since, paid_at__lt=until).aggregate(
        gmv=Sum("payable_cents", default=0), orders=Count("pk")
    )
    members = Member.objects.filter(registered_at__gte=since, registered_at__lt=until).count()
    return Trade(gmv_cents=paid["gmv"], orders=paid["orders"], new_members=members)


def gmv_by_day(*, since: datetime, until: datetime) -> dict[date, tuple[int, int]]:
    """Shanghai day -> (GMV in cents, paid orders); days without orders are left out."""
    rows = (
        Order.objects.filter(paid_at__gte=since, paid_at__lt=until)
        .annotate(day=TruncDate("paid_at", tzinfo=SHANGHAI))
        .values("day")
        .annotate(gmv=Sum("payable_cents"), orders=Count("pk"))
        .order_by("day")
    )
    return {row["day"]: (row["gmv"], row["orders"]) for row in rows}


def best_sellers(*, since: datetime, until: datetime, limit: int) -> list[tuple[int, str, int, int]]:
    """(product id, name, quantity, cash in cents) of the products that took most cash in the period."""
    rows = (
        OrderLine.objects.filter(order__paid_at__gte=since, order__paid_at__lt=until)
        .values("sku__product_id", "sku__product__name")
        .annotate(sold=Sum("quantity"), cash=Sum("paid_cents"))
        .order_by("-cash", "sku__product_id")[:limit]
    )
    return [(row["sku__product_id"], row["sku__product__name"], row["sold"], row["cash"]) for row in rows]


@dataclass(frozen=True, kw_only=True)
class OpenWork:
    """Counts of what waits for staff."""

    to_ship: int
    unpaid: int
    low_stock: int


def open_work(*, low_stock_below: int) -> OpenWork:
    """What waits now, in two queries."""
    orders = Order.objects.filter(status__in=[Order.Status.PAID, Order.Status.CREATED]).aggregate(
        to_ship=Count("pk", filter=Q(status=Order.Status.PAID)),
        unpaid=Count("pk", filter=Q(status=Order.Status.CREATED)),
    )
    low = Stock.objects.filter(
        available__lt=low_stock_below, sku__is_active=True, sku__product__is_on_sale=True, store__is_default=True
    ).count()
    return OpenWork(to_ship=orders["to_ship"], unpaid=orders["unpaid"], low_stock=low)


def members_by_tier() -> list[tuple[str, str, int]]:
    """(tier name, card colour, members) from the lowest rung up."""
    rows = (
        Member.objects.values("tier__name", "tier__color", "tier__rank")
        .annotate(members=Count("pk"))
        .order_by("tier__rank")
    )
    return [(row["tier__name"], row["tier__color"], row["members"]) for row in rows]
