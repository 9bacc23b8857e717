"""Paid membership: plans compared, the member's own card with what it saved, trials and gift cards."""

import logging
from typing import Any

import redis
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from config.core.db import edge_transaction
from config.core.errors import DomainError
from members.h5.links import link_to
from members.h5.session import current_member_id, member_required
from members.plan_values import plan_values, plans_table
from members.selectors.plans import membership, plans, savings
from members.services import gift_cards, subscriptions

logger = logging.getLogger(__name__)


class GiftCardForm(forms.Form):
    """A gift card's code, as it is printed or sent."""

    code = forms.CharField(
        label="激活码",
        max_length=60,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "placeholder": "卡面或短信里的 16 位激活码",
            }
        ),
        error_messages={"required": "请填写激活码"},
    )


@require_safe
def plans_page(request: HttpRequest) -> HttpResponse:
    """All plans on sale compared; who is signed in sees what each costs them now."""
    member_id = current_member_id(request)
    own = None if member_id is None else membership(member_id=member_id, at=timezone.now())
    on_sale = [plan for plan in plans() if plan.is_active]
    context = {
        "plans": [plan_values(plan, own=own) for plan in on_sale],
        "table": plans_table(on_sale),
        "own": own,
        "back_url": link_to("mall:member-centre") or "/",
    }
    return render(request, "h5/members/plans.html", context)


@require_safe
@member_required
def membership_page(request: HttpRequest, *, member_id: int) -> HttpResponse:
    """The member's card: until when, what it saved order by order, and the way to renew."""
    before = request.GET.get("before", "")
    page = savings(member_id=member_id, before=int(before) if before.isascii() and before.isdigit() else None)
    own = membership(member_id=member_id, at=timezone.now())
    context = {
        "own": own,
        "plan": None if own.plan is None else plan_values(own.plan, own=own),
        "savings": [
            {"title": row.title, "number": row.order_number, "cents": row.cents, "at": row.at, "url": _order_url(row)}
            for row in page.rows
        ],
        "older_url": f"?before={page.next_before}" if page.next_before else "",
        "is_first": not before,
        "back_url": link_to("mall:member-centre") or "/",
    }
    return render(request, "h5/members/membership.html", context)


@require_POST
@member_required
def trial(request: HttpRequest, plan_id: int, *, member_id: int) -> HttpResponse:
    """Begin the trial of a plan."""
    try:
        with edge_transaction():
            subscriptions.start_trial(member_id=member_id, plan_id=plan_id, at=timezone.now())
    except DomainError as error:
        messages.warning(request, error.text)
        return redirect("members:plans")
    messages.success(request, "试用已开始，会员权益即刻生效")
    return redirect("members:membership")


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def gift_card_page(request: HttpRequest, *, member_id: int) -> HttpResponse:
    """Turn a gift card's code into paid time."""
    form, status = GiftCardForm(request.POST or None), 200
    if request.method == "POST":
        if form.is_valid() and _activated(form, member_id=member_id):
            messages.success(request, "礼品卡已激活，会员权益已生效")
            return redirect("members:membership")
        status = 422
    context = {"form": form, "back_url": reverse("members:membership")}
    return render(request, "h5/members/gift_card.html", context, status=status)


def _activated(form: GiftCardForm, *, member_id: int) -> bool:
    try:
        gift_cards.count_try(member_id=member_id)
    except DomainError as error:
        form.add_error("code", error.text)
        return False
    except redis.RedisError:
        logger.warning("tries of gift cards are not counted: Redis does not answer")
    try:
        with edge_transaction():
            gift_cards.activate(member_id=member_id, code=form.cleaned_data["code"], at=timezone.now())
    except DomainError as error:
        form.add_error("code", error.text)
        return False
    return True


def _order_url(row: Any) -> str:
    return link_to("mall:order", row.order_number)
