"""What the checkout page shows."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from mall.h5 import refusals
from mall.h5.cards import address as address_with
from mall.h5.channel import CHANNEL
from mall.h5.forms import SubmissionForm
from mall.selectors.baskets import CART, REDEMPTION, SALE, Kind, Lines, Wanted
from mall.selectors.checkout import CheckoutRow, CheckoutView, checkout
from members.selectors.addresses import AddressRow, addresses

_AT_FIELDS = ("address", "note", "points")


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a member wants to buy or redeem, and how many points shall pay."""

    member_id: int
    kind: Kind
    lines: Lines
    points: int = 0
    product_id: int | None = None

    @property
    def only_line(self) -> Wanted:
        """The line of a redemption or of buying at once."""
        if isinstance(self.lines, str):
            raise ValueError("the cart has many lines")
        return self.lines[0]


def page(request: HttpRequest, asked: Request, form: SubmissionForm, *, status: int = 200) -> HttpResponse:
    """The checkout page; a form that was refused keeps what was typed and its sentences."""
    view = _view(asked, at=timezone.now())
    mine = addresses(member_id=asked.member_id)
    chosen = _chosen(mine, request.POST.get("address") or request.GET.get("address", ""))
    query = _query_of(asked)
    here = f"{_page_of(asked)}?{urlencode(query)}" if query else _page_of(asked)
    context = _amount_values(view) | {
        "title": "确认兑换" if asked.kind == REDEMPTION else "确认订单",
        "form": form,
        "errors": refusals.sentences(form, shown_at_fields=_AT_FIELDS),
        "address": chosen,
        "addresses": [_address_choice(row, chosen) for row in mine],
        "address_new_url": address_with("members:address-new", next=here),
        "here": _page_of(asked),
        "query": query,
        "action_url": here,
        "reprice_url": here,
        "back_url": _back(asked),
        "lines": [_line(row, asked.kind) for row in view.rows],
        "quantity": sum(row.quantity for row in view.rows),
        "offer": view.priced.points_offer if asked.kind == SALE else None,
        "submit_key": _submit_key(form),
    }
    return render(request, "h5/mall/checkout.html", context, status=status)


def amounts(asked: Request, *, at: datetime) -> dict[str, Any]:
    """The amounts alone, for other points than before."""
    return _amount_values(_view(asked, at=at))


def _submit_key(form: SubmissionForm) -> str:
    """The key that was posted, so that a repeat stays one; a fresh one for a fresh page and for a key that is none."""
    posted = form.cleaned_data.get("submit_key") if form.is_bound else None
    return str(posted) if posted else secrets.token_urlsafe(18)


def _view(asked: Request, *, at: datetime) -> CheckoutView:
    return checkout(
        member_id=asked.member_id, lines=asked.lines, kind=asked.kind, points=asked.points, channel=CHANNEL, at=at
    )


def _amount_values(view: CheckoutView) -> dict[str, Any]:
    priced = view.priced
    is_redemption = priced.kind == REDEMPTION
    return {
        "kind": priced.kind,
        "points_chosen": priced.points_spent,
        "steps": priced.steps,
        "total_label": "合计" if is_redemption else "应付",
        "total_cents": priced.payable_cents,
        "total_points": priced.points_spent if is_redemption else 0,
        "saved_cents": priced.discount_cents + priced.points_discount_cents,
        "earn_points": priced.earn_points,
        "earn_growth": priced.earn_growth,
        "nearly": priced.nearly,
        "points_short": priced.points_short,
        "free_freight_missing_cents": priced.free_freight_missing_cents,
    }


def _line(row: CheckoutRow, kind: Kind) -> dict[str, Any]:
    values = {"name": row.name, "spec": row.sku_label, "image": row.image, "quantity": row.quantity}
    if kind == SALE:
        ordinary = row.ordinary_price_cents if row.is_member_price else None
        return values | {"price_cents": row.price_cents, "ordinary_cents": ordinary}
    cash = f" + ¥{row.price_cents / 100:g}" if row.price_cents else ""
    return values | {"points_label": f"{row.points:,} 积分{cash}"}


def _chosen(mine: Sequence[AddressRow], asked: str) -> AddressRow | None:
    return next((row for row in mine if str(row.id) == asked), None) or next(iter(mine), None)


def _address_choice(row: AddressRow, chosen: AddressRow | None) -> dict[str, Any]:
    return {
        "id": row.id,
        "recipient": row.recipient,
        "masked_phone": row.masked_phone,
        "region": row.region,
        "detail": row.detail,
        "is_default": row.is_default,
        "is_chosen": chosen is not None and row.id == chosen.id,
    }


def _page_of(asked: Request) -> str:
    """Path of this checkout, without its query."""
    if asked.product_id is not None:
        return reverse("mall:redeem", args=[asked.product_id])
    return reverse("mall:checkout")


def _query_of(asked: Request) -> dict[str, str]:
    """What the query of this checkout says: nothing for the cart."""
    if isinstance(asked.lines, str):
        return {}
    return {"sku": str(asked.only_line.sku_id), "quantity": str(asked.only_line.quantity)}


def _back(asked: Request) -> str:
    if asked.product_id is not None:
        return reverse("mall:reward", args=[asked.product_id])
    return reverse("mall:cart") if asked.lines == CART else reverse("mall:home")
