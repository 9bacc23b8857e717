"""The member's orders."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from config.core.db import edge_transaction
from config.core.errors import DomainError, NotFound
from mall.h5 import refusals
from mall.h5.cards import address, next_page
from mall.h5.parts import wants_part
from mall.selectors.earnings import earned_entry_id
from mall.selectors.orders import (
    OrderCard,
    OrderCounts,
    OrderDetail,
    OrderLineRow,
    order_counts,
    order_detail,
    order_id_of,
    order_list,
)
from mall.services import orders as services
from members.h5.session import member_required

_STATUSES = (
    ("", "全部"),
    ("created", "待付款"),
    ("paid", "待发货"),
    ("shipped", "待收货"),
    ("completed", "已完成"),
    ("refunded", "退款"),
    ("cancelled", "已取消"),
)

_SENTENCES = {
    "created": ("请在时限内完成付款，超时会自动取消", "hourglass"),
    "paid": ("店家正在准备商品", "package"),
    "shipped": ("商品在路上，收到后请确认收货", "truck"),
    "received": ("已收货，稍后完成", "gift"),
    "completed": ("谢谢惠顾，欢迎再来", "party"),
    "cancelled": ("订单已取消，积分和库存已退回", "empty-nest"),
}


_CLOSED = {
    "fee_returned": "会员权益随退会费终止，本单已关闭；如已付款会原路退回，可按现价重新下单",
    "membership_changed": "会员时间有变化，本单已关闭；如已付款会原路退回，请重新下单",
}


@require_safe
@member_required
def orders(request: HttpRequest, *, member_id: int) -> HttpResponse:
    """The member's orders in one state, newest first."""
    status = request.GET.get("status", "")
    status = status if status in dict(_STATUSES) else ""
    page = order_list(member_id=member_id, status=status, cursor=request.GET.get("cursor", ""))
    context: dict[str, Any] = {
        "orders": [_card(order) for order in page.orders],
        "next_url": next_page("mall:orders", cursor=page.next_cursor, status=status),
    }
    if wants_part(request):
        return render(request, "h5/mall/_orders.html", context)
    counts = order_counts(member_id=member_id)
    return render(request, "h5/mall/orders.html", context | {"statuses": _tabs(status, counts)})


@require_safe
@member_required
def order(request: HttpRequest, number: str, *, member_id: int) -> HttpResponse:
    """One order of the member."""
    return _page(request, member_id=member_id, number=number)


@require_POST
@member_required
def cancel(request: HttpRequest, number: str, *, member_id: int) -> HttpResponse:
    """Give up an unpaid order."""
    return _move(request, services.cancel, "订单已取消", member_id=member_id, number=number)


@require_POST
@member_required
def confirm(request: HttpRequest, number: str, *, member_id: int) -> HttpResponse:
    """Say that the goods arrived."""
    return _move(request, services.confirm_receipt, "已确认收货", member_id=member_id, number=number)


def _move(
    request: HttpRequest, service: Callable[..., None], done: str, *, member_id: int, number: str
) -> HttpResponse:
    order_id = order_id_of(member_id=member_id, number=number)
    try:
        with edge_transaction():
            service(order_id=order_id, member_id=member_id, at=timezone.now())
    except NotFound:
        raise
    except DomainError as error:
        return _page(
            request, member_id=member_id, number=number, errors=(error.text,), status=refusals.status_of(error)
        )
    messages.success(request, done)
    return redirect("mall:order", number)


def _page(
    request: HttpRequest, *, member_id: int, number: str, errors: tuple[str, ...] = (), status: int = 200
) -> HttpResponse:
    found = order_detail(member_id=member_id, number=number)
    sentence, picture = _SENTENCES[found.status]
    sentence = why_closed(found) or sentence
    context = {
        "order": found,
        "sentence": sentence,
        "picture": picture,
        "errors": errors,
        "lines": [_line(line, found.kind) for line in found.lines],
        "steps": found.steps,
        "total_label": "应付" if found.status in ("created", "cancelled") else "实付",
        "total_cents": found.payable_cents,
        "total_points": found.points_spent if found.kind == "redemption" else 0,
        "timeline": _timeline(found),
        "gain": _gain(found, member_id=member_id),
    }
    return render(request, "h5/mall/order.html", context, status=status)


def why_closed(order: OrderCard) -> str:
    """Why the shop's rules closed the order; empty: they didn't."""
    return _CLOSED.get(order.closed_because, "")


def _tabs(status: str, counts: OrderCounts) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "url": address("mall:orders", status=value),
            "is_current": value == status,
            "number": getattr(counts, value) if value in ("created", "paid", "shipped") else 0,
        }
        for value, name in _STATUSES
    ]


def _card(card: OrderCard) -> dict[str, Any]:
    only = card.lines[0] if len(card.lines) == 1 else None
    return {
        "url": reverse("mall:order", args=[card.number]),
        "number": card.number,
        "status": card.status_label,
        "ships_first": card.ships_first,
        "is_closed": card.status in ("cancelled", "completed"),
        "placed_at": card.created_at,
        "images": [line.image for line in card.lines if line.image][:4],
        "title": only.product_name if only else "",
        "quantity": card.quantity,
        "total_cents": card.payable_cents,
        "total_points": card.points_spent if card.kind == "redemption" else 0,
        "actions": _actions(card),
    }


def _actions(card: OrderCard) -> list[dict[str, Any]]:
    actions = []
    if card.can_pay:
        url = reverse("mall:cashier", args=[card.number])
        actions.append({"name": "去付款", "url": url, "primary": True, "post": False})
    if card.can_confirm:
        url = reverse("mall:order-confirm", args=[card.number])
        actions.append({"name": "确认收货", "url": url, "primary": True, "post": True})
    return actions


def _line(line: OrderLineRow, kind: str) -> dict[str, Any]:
    page = {"redemption": "mall:reward", "plan": ""}.get(kind, "mall:product")
    values = {
        "name": line.product_name,
        "spec": line.sku_label,
        "image": line.image,
        "quantity": line.quantity,
        "url": reverse(page, args=[line.product_id]) if page else reverse("members:plans"),
        "note": f"已退 {line.refunded_quantity} 件" if line.refunded_quantity else "",
    }
    if kind == "redemption":
        cash = f" + ¥{line.paid_cents / 100:g}" if line.paid_cents else ""
        return values | {"points_label": f"{line.points_spent:,} 积分{cash}"}
    if line.member_price_cents is not None:
        return values | {"price_cents": line.member_price_cents, "ordinary_cents": line.unit_price_cents}
    return values | {"price_cents": line.unit_price_cents}


def _timeline(found: OrderDetail) -> list[dict[str, Any]]:
    """What happened, newest first."""
    moments = [
        ("提交订单", found.created_at),
        ("兑换成功" if found.kind == "redemption" else "付款成功", found.paid_at),
        ("店家已发货", found.shipped_at),
        ("确认收货", found.received_at),
        ("订单完成", found.completed_at),
        ("订单取消", found.cancelled_at),
    ]
    return [{"label": label, "at": at} for label, at in reversed(moments) if at is not None]


def _gain(found: OrderDetail, *, member_id: int) -> dict[str, str]:
    """What the order earns: promised until it is completed, then with the way to its receipt."""
    if found.status == "cancelled" or not (found.earn_points or found.earn_growth):
        return {}
    amount = f"{found.earn_points:,} 积分、{found.earn_growth:,} 成长值"
    entry_id = earned_entry_id(order_id=found.id, member_id=member_id) if found.status == "completed" else None
    if entry_id is None:
        return {"title": f"预计得 {amount}", "detail": "订单完成后发放", "url": "", "act": ""}
    url = reverse("campaigns:receipt-of-entry", args=[entry_id])
    return {"title": "积分和成长值已发放", "detail": "看看这一单是怎么算的", "url": url, "act": "查看凭证"}
