"""Paying: the cashier, the sandbox's payment, the result."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from config.core.db import edge_transaction
from config.core.errors import DomainError, NotFound
from mall.h5 import refusals
from mall.h5.orders import why_closed
from mall.selectors.orders import OrderDetail, order_detail, order_id_of
from mall.selectors.payments import CashierView
from mall.selectors.payments import cashier as cashier_of
from mall.services import sandbox_cashier
from members.h5.session import member_required

_ICONS = {"sandbox": "wallet", "wechat": "brand-wechat", "alipay": "brand-alipay"}


@require_safe
@member_required
def cashier(request: HttpRequest, number: str, *, member_id: int) -> HttpResponse:
    """What is to be paid, until when, and how; an order that is paid or cancelled shows its result."""
    at = timezone.now()
    view = cashier_of(member_id=member_id, number=number, at=at)
    if view.status != "created":
        return redirect("mall:pay-result", number)
    return _page(request, view)


@require_POST
@member_required
def sandbox_pay(request: HttpRequest, number: str, *, member_id: int) -> HttpResponse:
    """Pay in the sandbox; a repeat shows the result of the first."""
    if not settings.SANDBOX_CASHIER:
        raise Http404("no sandbox cashier")
    at = timezone.now()
    order_id = order_id_of(member_id=member_id, number=number)
    try:
        with edge_transaction():
            sandbox_cashier.pay(order_id=order_id, member_id=member_id, at=at)
    except NotFound:
        raise
    except DomainError as error:
        return _refused(request, cashier_of(member_id=member_id, number=number, at=at), error)
    return redirect("mall:pay-result", number)


@require_safe
@member_required
def paid(request: HttpRequest, number: str, *, member_id: int) -> HttpResponse:
    """Whether the payment went through, and what comes next."""
    order = order_detail(member_id=member_id, number=number)
    return render(request, "h5/mall/paid.html", {"order": order} | _result(order))


def _refused(request: HttpRequest, view: CashierView, error: DomainError) -> HttpResponse:
    if view.status != "created":  # a second tap, or the order was cancelled meanwhile: its page says which
        messages.warning(request, error.text)
        return redirect("mall:pay-result", view.number)
    return _page(request, view, errors=(error.text,), status=refusals.status_of(error))


def _page(request: HttpRequest, view: CashierView, *, errors: tuple[str, ...] = (), status: int = 200) -> HttpResponse:
    context = {
        "cashier": view,
        "errors": errors,
        "providers": [
            {"code": code, "title": title, "icon": _ICONS.get(code, "credit-card")} for code, title in view.providers
        ],
    }
    return render(request, "h5/mall/cashier.html", context, status=status)


def _result(order: OrderDetail) -> dict[str, Any]:
    if order.status == "created":
        return {
            "title": "等待付款",
            "headline": "还没有收到付款",
            "sentence": "付款后会显示在这里。",
            "picture": "hourglass",
        }
    if order.status == "cancelled":
        return {
            "title": "订单已取消",
            "headline": "订单已取消",
            "sentence": why_closed(order) or "可以重新下单。",
            "picture": "empty-nest",
        }
    if order.kind == "plan":
        sentence = "会员权益已生效，可在会员卡页面查看有效期。"
        return {"title": "开通成功", "headline": "开通成功", "sentence": sentence, "picture": "crown", "is_paid": True}
    word = "兑换成功" if order.kind == "redemption" else "支付成功"
    return {"title": word, "headline": word, "sentence": "店家会尽快发货。", "picture": "party", "is_paid": True}
