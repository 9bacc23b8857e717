"""Checkout of the cart, of one SKU bought at once, and of a redemption: one page, one way to refuse."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from config.core.db import edge_transaction
from config.core.errors import DomainError, NotFound
from mall.h5 import refusals
from mall.h5.channel import CHANNEL
from mall.h5.checkout_page import Request, amounts, page
from mall.h5.forms import CheckoutForm, PointsField, RedemptionForm, SkuForm, SubmissionForm
from mall.h5.parts import wants_part
from mall.selectors.admission import ExclusiveProduct
from mall.selectors.baskets import CART, REDEMPTION, SALE, Lines, Wanted
from mall.selectors.rewards import is_of_reward
from mall.services.checkout import place_order, place_redemption
from mall.services.submits import Placed
from members.h5.session import member_required


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def checkout(request: HttpRequest, *, member_id: int) -> HttpResponse:
    """Buy the cart's selection, or with `?sku=&quantity=` one SKU."""
    lines: Lines = CART
    if "sku" in request.GET:
        form = SkuForm(request.GET)
        if not form.is_valid():
            return _no_checkout(request, refusals.sentences(form), status=422)
        lines = _wanted(form)
    asked = Request(member_id=member_id, kind=SALE, lines=lines, points=_points(request))
    return _answer(request, asked, CheckoutForm)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def redeem(request: HttpRequest, product_id: int, *, member_id: int) -> HttpResponse:
    """Redeem one SKU for points, and cash where it asks for some."""
    form = SkuForm(request.GET)
    if not form.is_valid():
        return _no_checkout(request, refusals.sentences(form), status=422)
    if not is_of_reward(product_id=product_id, sku_id=form.cleaned_data["sku"]):
        raise NotFound
    asked = Request(member_id=member_id, kind=REDEMPTION, lines=_wanted(form), product_id=product_id)
    return _answer(request, asked, RedemptionForm)


def _answer(request: HttpRequest, asked: Request, form_class: type[SubmissionForm]) -> HttpResponse:
    """The page, its amounts alone for htmx, or the order; a refusal shows the page again with what holds now."""
    try:
        if request.method == "POST":
            return _submit(request, asked, form_class(request.POST))
        if wants_part(request):
            return render(request, "h5/mall/_amounts.html", amounts(asked, at=timezone.now()))
        return page(request, asked, form_class())
    except NotFound:
        raise
    except DomainError as error:
        is_for_others = isinstance(error, ExclusiveProduct)
        return _no_checkout(request, (error.text,), status=refusals.status_of(error), is_for_others=is_for_others)


def _submit(request: HttpRequest, asked: Request, form: SubmissionForm) -> HttpResponse:
    if not form.is_valid():
        return page(request, asked, form, status=422)
    try:
        with edge_transaction():
            placed = _place(asked, form)
    except DomainError as error:
        refusals.place(form, error)
        return page(request, asked, form, status=refusals.status_of(error))
    return redirect("mall:cashier" if placed.status == "created" else "mall:pay-result", placed.number)


def _place(asked: Request, form: SubmissionForm) -> Placed:
    said = form.cleaned_data
    if asked.kind == SALE:
        return place_order(
            member_id=asked.member_id,
            lines=asked.lines,
            address_id=said["address"],
            points=said["points"],
            channel=CHANNEL,
            submit_key=said["submit_key"],
            expected_payable_cents=said["expected"],
            buyer_note=said["note"],
            at=timezone.now(),
        )
    wanted = asked.only_line
    return place_redemption(
        member_id=asked.member_id,
        sku_id=wanted.sku_id,
        quantity=wanted.quantity,
        address_id=said["address"],
        channel=CHANNEL,
        submit_key=said["submit_key"],
        expected_points=said["expected_points"],
        expected_payable_cents=said["expected"],
        buyer_note=said["note"],
        at=timezone.now(),
    )


def _no_checkout(
    request: HttpRequest, sentences: tuple[str, ...], *, status: int, is_for_others: bool = False
) -> HttpResponse:
    """Nothing can be bought this way: why, and where to go on."""
    return render(
        request,
        "h5/mall/no_checkout.html",
        {"reason": "；".join(sentences), "is_for_others": is_for_others},
        status=status,
    )


def _wanted(form: SkuForm) -> list[Wanted]:
    return [Wanted(sku_id=form.cleaned_data["sku"], quantity=form.cleaned_data["quantity"])]


def _points(request: HttpRequest) -> int:
    """The slider's position; what is no number of points counts as none until it is posted."""
    text = (request.POST if request.method == "POST" else request.GET).get("points", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < PointsField.DIGITS else 0
