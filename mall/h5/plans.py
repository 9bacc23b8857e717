"""Buying a membership plan, and giving it back by its rule."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from config.core.db import edge_transaction
from config.core.errors import DomainError, NotFound
from config.core.random_numbers import public_number
from mall.h5 import refusals
from mall.h5.channel import CHANNEL
from mall.selectors.orders import order_id_of
from mall.services import plan_refunds
from mall.services.plan_orders import place_plan_order
from members.h5.session import member_required
from members.selectors.plans import load_plans
from members.services.subscriptions import purchase_quote


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def plan_buy(request: HttpRequest, plan_id: int, *, member_id: int) -> HttpResponse:
    """What the plan costs and by which rule the fee comes back; agreeing places the order."""
    is_upgrade = request.GET.get("upgrade") == "1"
    if request.method != "POST":
        return _buy_page(request, plan_id, is_upgrade, member_id=member_id)
    expected = request.POST.get("payable_cents", "")
    try:
        with edge_transaction():
            placed = place_plan_order(
                member_id=member_id,
                plan_id=plan_id,
                is_upgrade=is_upgrade,
                channel=CHANNEL,
                submit_key=request.POST.get("key", ""),
                expected_payable_cents=int(expected) if expected.isascii() and expected.isdigit() else -1,
                at=timezone.now(),
                agreed_terms=request.POST.get("terms", ""),
            )
    except NotFound:
        raise
    except DomainError as error:
        status = refusals.status_of(error)
        return _buy_page(request, plan_id, is_upgrade, member_id=member_id, errors=(error.text,), status=status)
    return redirect("mall:pay-result" if placed.status != "created" else "mall:cashier", placed.number)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def fee_refund(request: HttpRequest, number: str, *, member_id: int) -> HttpResponse:
    """What giving the plan back brings, and doing it."""
    at, order_id = timezone.now(), order_id_of(member_id=member_id, number=number)
    errors: tuple[str, ...] = ()
    if request.method == "POST":
        expected = request.POST.get("cash_cents", "")
        cents = int(expected) if expected.isascii() and expected.isdigit() else -1
        try:
            with edge_transaction():
                plan_refunds.refund_own_fee(order_id=order_id, member_id=member_id, expected_cents=cents, at=at)
        except NotFound:
            raise
        except DomainError as error:
            errors = (error.text,)
        else:
            messages.success(request, "会费将原路退回，会员权益已终止")
            return redirect("mall:order", number)
    return _refund_page(request, number, order_id, member_id=member_id, errors=errors)


def _buy_page(
    request: HttpRequest,
    plan_id: int,
    is_upgrade: bool,
    *,
    member_id: int,
    errors: tuple[str, ...] = (),
    status: int = 200,
) -> HttpResponse:
    try:
        with edge_transaction():
            quote = purchase_quote(member_id=member_id, plan_id=plan_id, is_upgrade=is_upgrade, at=timezone.now())
    except NotFound:
        raise
    except DomainError as error:
        messages.warning(request, error.text)
        return redirect("members:plans")
    plan = next((row for row in load_plans() if row.id == plan_id), None)  # what is agreed to is never an old page
    if plan is None:
        raise Http404("no such plan")
    context: dict[str, Any] = {
        "plan": plan,
        "quote": quote,
        "is_upgrade": is_upgrade,
        "key": request.POST.get("key") if not errors else "",
        "errors": errors,
        "back_url": reverse("members:plans"),
    }
    context["key"] = context["key"] or f"plan:{public_number(16)}"
    return render(request, "h5/mall/plan_buy.html", context, status=status)


def _refund_page(
    request: HttpRequest, number: str, order_id: int, *, member_id: int, errors: tuple[str, ...]
) -> HttpResponse:
    preview = None
    try:
        with edge_transaction():
            preview = plan_refunds.preview_own_fee(order_id=order_id, member_id=member_id, at=timezone.now())
    except NotFound:
        raise
    except DomainError as error:
        errors = errors or (error.text,)
    context = {"number": number, "preview": preview, "errors": errors, "back_url": reverse("mall:order", args=[number])}
    return render(request, "h5/mall/fee_refund.html", context, status=422 if errors and request.POST else 200)
