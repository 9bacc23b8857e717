"""What the mall keeps of a person: their orders and cart."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.utils import timezone

from config.core.db import transaction_required
from config.core.money import yuan
from mall.models import CartLine, Order, Refund
from members.ports import PersonalPart, Row

_UNDER_WAY = (Order.Status.CREATED, Order.Status.PAID, Order.Status.SHIPPED, Order.Status.RECEIVED)


@transaction_required
def erase(member_ids: Sequence[int], at: datetime) -> None:
    """Take who and where out of the orders, and empty the cart; what was bought and paid stays."""
    orders = Order.objects.filter(member_id__in=member_ids)
    Refund.objects.filter(order__in=orders).exclude(reason="").update(reason="（已注销）")
    orders.update(recipient="", recipient_phone="", address="", region="", buyer_note="")
    CartLine.objects.filter(member_id__in=member_ids).delete()


def open_matters(member_ids: Sequence[int], at: datetime) -> list[str]:
    """Orders that are not at their end."""
    number = Order.objects.filter(member_id__in=member_ids, status__in=_UNDER_WAY).count()
    return [f"还有 {number} 个订单没有完成"] if number else []


def _orders(member_ids: Sequence[int]) -> Iterator[Row]:
    for order in Order.objects.filter(member_id__in=member_ids).prefetch_related("lines").order_by("pk"):
        goods = "；".join(f"{line.product_name} {line.sku_label} ×{line.quantity}" for line in order.lines.all())
        yield (
            *(order.number, order.get_status_display(), f"{timezone.localtime(order.created_at):%Y-%m-%d %H:%M:%S}"),
            *(goods, yuan(order.payable_cents), yuan(order.refunded_cents), order.points_spent),
            *(order.recipient, order.recipient_phone, order.region, order.address, order.buyer_note),
        )


ORDERS = PersonalPart(
    name="orders",
    title="订单",
    columns=(
        *("订单号", "状态", "下单时间", "商品", "应付", "已退", "使用积分"),
        *("收货人", "收货电话", "省市区", "详细地址", "留言"),
    ),
    rows=_orders,
    erase=erase,
    open_matters=open_matters,
)
