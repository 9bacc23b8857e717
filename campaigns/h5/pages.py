"""Check-in and receipts."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from campaigns.h5.weeks import week_values
from campaigns.selectors import receipts
from campaigns.selectors.check_ins import CheckInPage, check_in_page
from campaigns.selectors.receipts import ReceiptView
from campaigns.services.check_in import check_in
from config.core.db import edge_transaction
from config.core.errors import NotFound
from members.h5.session import member_required

_BIGGEST = 2**63 - 1


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def check_in_view(request: HttpRequest, *, member_id: int) -> HttpResponse:
    """The check-in page; a POST checks in and comes back to it."""
    if request.method == "POST":
        with edge_transaction():
            done = check_in(member_id=member_id, at=timezone.now())
        gained = f"，+{done.points} 积分" if done.points else ""
        messages.success(request, f"签到成功{gained}，已连续签到 {done.streak} 天")
        return redirect("campaigns:check-in")
    return render(
        request, "h5/campaigns/check_in.html", _page_values(check_in_page(member_id=member_id, at=timezone.now()))
    )


@require_safe
@member_required
def receipt_view(request: HttpRequest, receipt_id: int, *, member_id: int) -> HttpResponse:
    """One receipt of the member."""
    view = receipts.receipt(receipt_id=_bounded(receipt_id), member_id=member_id)
    return render(request, "h5/campaigns/receipt.html", _receipt_values(view))


@require_safe
@member_required
def receipt_of_entry_view(request: HttpRequest, entry_id: int, *, member_id: int) -> HttpResponse:
    """The receipt behind a line of the points statement."""
    view = receipts.receipt_for_entry(entry_id=_bounded(entry_id), member_id=member_id)
    return render(request, "h5/campaigns/receipt.html", _receipt_values(view))


def _bounded(number: int) -> int:
    if number > _BIGGEST:
        raise NotFound()
    return number


def _page_values(page: CheckInPage) -> dict[str, Any]:
    return {
        "week": week_values(page.week),
        "month": f"{page.month.year} 年 {page.month.month} 月",
        "days_this_month": page.days_this_month,
        "cells": [
            {"day": cell.day, "is_checked_in": cell.is_checked_in, "is_today": cell.is_today} for cell in page.cells
        ],
        "back_url": reverse("mall:member-centre"),
        "mall_url": reverse("mall:points-mall"),
        "statement_url": reverse("members:statement"),
    }


def _receipt_values(view: ReceiptView) -> dict[str, Any]:
    return {
        "receipt": {
            "headline": view.headline,
            "what": view.what,
            "points": view.points,
            "growth": view.growth,
            "at": view.at,
            "created_at": view.created_at,
            "order_number": view.order_number,
            "order_url": reverse("mall:order", args=[view.order_number]) if view.order_number else "",
            "origin_url": reverse("campaigns:receipt", args=[view.origin_id]) if view.origin_id else "",
            "sums": [vars(one) | {"steps": [vars(step) for step in one.steps]} for one in view.sums],
            "nearly": [vars(one) for one in view.nearly],
            "taken_back": [
                vars(one) | {"url": reverse("campaigns:receipt", args=[one.receipt_id])} for one in view.taken_back
            ],
        },
        "back_url": reverse("members:statement"),
    }
