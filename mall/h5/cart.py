"""The cart, and the two buttons of a product page."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from config.core import policies
from config.core.db import edge_transaction
from config.core.errors import DomainError, NotFound
from mall.h5 import refusals
from mall.h5.admission import ways_in
from mall.h5.cards import address
from mall.h5.catalogue import product_page
from mall.h5.channel import CHANNEL
from mall.h5.chrome import badge
from mall.h5.forms import QuantityForm, SelectionForm, SkuForm
from mall.h5.parts import wants_part
from mall.selectors.carts import CartRow
from mall.selectors.carts import cart as cart_of
from mall.services import carts
from members.h5.session import member_required


@require_safe
@member_required
def cart(request: HttpRequest, *, member_id: int) -> HttpResponse:
    """What the member is about to buy."""
    return render(request, "h5/mall/cart.html", _cart_context(member_id))


@require_POST
@member_required
def add(request: HttpRequest, *, member_id: int) -> HttpResponse:
    """Put the chosen SKU into the cart."""
    return _add(request, SkuForm(request.POST), member_id=member_id)


@require_POST
@member_required
def add_one(request: HttpRequest, sku_id: int, *, member_id: int) -> HttpResponse:
    """Put one of the only SKU of a product into the cart: the round button of a card."""
    return _add(request, SkuForm({"sku": sku_id, "quantity": 1}), member_id=member_id)


@require_POST
@member_required
def buy_now(request: HttpRequest, *, member_id: int) -> HttpResponse:
    """Take the chosen SKU straight to checkout; whether it can be bought is said there."""
    form = SkuForm(request.POST)
    if not form.is_valid():
        return _refused(request, form, status=422)
    wanted = form.cleaned_data
    return redirect(address("mall:checkout", sku=str(wanted["sku"]), quantity=str(wanted["quantity"])))


@require_POST
@member_required
def line(request: HttpRequest, line_id: int, *, member_id: int) -> HttpResponse:
    """Change one line: its quantity, whether it is selected, or take it out."""
    act = _ACTS.get(request.POST.get("act", ""))
    if act is None:
        return _changed(request, member_id, errors=("没有这种操作",), status=422)
    try:
        act(request, member_id, line_id)
    except NotFound as error:
        raise Http404(error.text) from error
    except DomainError as error:
        return _changed(request, member_id, errors=(error.text,), status=refusals.status_of(error))
    except forms.ValidationError as error:
        return _changed(request, member_id, errors=tuple(error.messages), status=422)
    return _changed(request, member_id)


@require_POST
@member_required
def select_all(request: HttpRequest, *, member_id: int) -> HttpResponse:
    """Select every line, or none."""
    with edge_transaction():
        carts.set_selected(member_id=member_id, is_selected=_is_selected(request))
    return _changed(request, member_id)


def _add(request: HttpRequest, form: SkuForm, *, member_id: int) -> HttpResponse:
    if not form.is_valid():
        return _refused(request, form, status=422)
    wanted = form.cleaned_data
    try:
        with edge_transaction():
            count = carts.add_to_cart(
                member_id=member_id, sku_id=wanted["sku"], quantity=wanted["quantity"], at=timezone.now()
            )
    except DomainError as error:
        refusals.place(form, error)
        return _refused(request, form, status=refusals.status_of(error))
    if not wants_part(request):
        return redirect("mall:cart")
    context = {"count": badge(count), "is_product_page": "product" in request.POST}
    response = render(request, "h5/mall/_cart_added.html", context)
    return trigger_client_event(response, "toast", {"text": "已加入购物车", "level": "success"})


def _refused(request: HttpRequest, form: SkuForm, *, status: int) -> HttpResponse:
    """Say why not: as a toast, else on the product's page, else on the cart's."""
    errors = refusals.sentences(form)
    if wants_part(request):
        response = HttpResponse(status=status)
        response["HX-Reswap"] = "none"
        return trigger_client_event(response, "toast", {"text": "；".join(errors), "level": "error"})
    product = request.POST.get("product", "")
    if product.isascii() and product.isdigit() and len(product) < 19:
        sku = form.cleaned_data.get("sku")
        return product_page(request, product_id=int(product), sku_id=sku, errors=errors, status=status)
    return render(request, "404.html", {"reason": "；".join(errors)}, status=status)


def _set_quantity(request: HttpRequest, member_id: int, line_id: int) -> None:
    form = QuantityForm(request.POST)
    if not form.is_valid():
        raise forms.ValidationError(list(refusals.sentences(form)))
    with edge_transaction():
        carts.set_quantity(
            member_id=member_id, line_id=line_id, quantity=form.cleaned_data["quantity"], at=timezone.now()
        )


def _set_selected(request: HttpRequest, member_id: int, line_id: int) -> None:
    with edge_transaction():
        carts.set_selected(member_id=member_id, line_ids=[line_id], is_selected=_is_selected(request))


def _remove(request: HttpRequest, member_id: int, line_id: int) -> None:
    with edge_transaction():
        carts.remove_lines(member_id=member_id, line_ids=[line_id])


_ACTS = {"quantity": _set_quantity, "select": _set_selected, "remove": _remove}


def _is_selected(request: HttpRequest) -> bool:
    form = SelectionForm(request.POST)
    return form.is_valid() and bool(form.cleaned_data["selected"])


def _changed(request: HttpRequest, member_id: int, *, errors: tuple[str, ...] = (), status: int = 200) -> HttpResponse:
    """The cart after a change: its part of the page for htmx, else the page; a refusal is shown above the lines."""
    if not wants_part(request):
        if not errors:
            return redirect("mall:cart")
        return render(request, "h5/mall/cart.html", _cart_context(member_id) | {"errors": errors}, status=status)
    context = _cart_context(member_id)
    context |= {"count": badge(sum(row["quantity"] for row in context["rows"])), "errors": errors}
    return render(request, "h5/mall/_cart_changed.html", context, status=status)


def _cart_context(member_id: int) -> dict[str, Any]:
    view = cart_of(member_id=member_id, channel=CHANNEL, at=timezone.now())
    priced = view.priced
    return {
        "rows": [_row(row) for row in view.rows],
        "nearly": priced.nearly if priced else (),
        "steps": priced.steps if priced and len(priced.steps) > 1 else (),
        "total_label": "合计",
        "total_cents": priced.payable_cents if priced else None,
        "payable_cents": priced.payable_cents if priced else None,
        "saved_cents": priced.discount_cents if priced else 0,
        "selected_quantity": view.selected_quantity,
        "all_selected": view.all_selected,
        "most": policies.current().max_order_quantity,
    }


def _row(row: CartRow) -> dict[str, Any]:
    change = row.price_cents - row.seen_price_cents
    return {
        "name": row.name,
        "sku_label": row.sku_label,
        "image": row.image,
        "quantity": row.quantity,
        "price_cents": row.price_cents,
        "ordinary_cents": row.ordinary_price_cents if row.is_member_price else None,
        "is_selected": row.is_selected,
        "is_gone": row.is_gone or row.available == 0 or not row.access.is_open,
        "cover": _cover(row),
        "ways": ways_in(row.access),
        "problem": row.problem,
        "url": reverse("mall:cart-line", args=[row.line_id]),
        "product_url": reverse("mall:product", args=[row.product_id]),
        "is_cheaper": change < 0,
        "price_note": _price_note(change),
    }


def _cover(row: CartRow) -> str:
    """What stands over the picture of a line that can't be bought."""
    if row.is_gone or row.access.is_open:
        return row.problem
    return "未开售" if row.access.is_for_viewer else "会员专享"


def _price_note(change: int) -> str:
    if change == 0:
        return ""
    return f"比加入时{'降' if change < 0 else '涨'}了 ¥{abs(change) / 100:g}"
