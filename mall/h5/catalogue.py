"""Looking around: feed, categories, search, one product."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from config.core import policies
from config.core.fragments import Fragment
from mall.h5.admission import notice_of
from mall.h5.cards import address, next_page, product_cards
from mall.h5.channel import CHANNEL
from mall.h5.forms import SearchForm
from mall.h5.parts import wants_part
from mall.h5.viewers import buyer_of
from mall.selectors import catalogue
from mall.selectors.products import ProductDetail, product_detail


@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """The next part of the endless list; a whole page for a browser without scripts."""
    page = catalogue.feed(at=timezone.now(), who=buyer_of(request), cursor=request.GET.get("cursor", ""))
    context = {
        "products": product_cards(page.products),
        "next_url": next_page("mall:feed", cursor=page.next_cursor),
    }
    return render(request, "h5/_feed.html" if wants_part(request) else "h5/mall/products.html", context)


@require_safe
def category(request: HttpRequest, slug: str = "") -> HttpResponse:
    """One category beside the list of all; without a slug the first."""
    slug = slug or next((entry.slug for entry in catalogue.categories()), "")
    if not slug:
        return render(request, "h5/mall/categories.html", {"category": None})
    page = catalogue.category_products(
        slug=slug, at=timezone.now(), who=buyer_of(request), cursor=request.GET.get("cursor", "")
    )
    rows = page.once("h5/mall/_rows.html", lambda: Fragment("h5/mall/_rows.html", _rows_context(page)))
    if wants_part(request):
        return HttpResponse(rows)
    shelf = page.once("h5/mall/_category.html", lambda: Fragment("h5/mall/_category.html", _shelf_context(page, rows)))
    return render(request, "h5/mall/categories.html", {"category": page.category, "shelf": shelf})


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Products whose name holds the words, in the chosen order; an empty box offers the categories."""
    form = SearchForm(request.GET)
    is_valid = form.is_valid()
    query, sort = (form.cleaned_data["q"], form.cleaned_data["sort"]) if is_valid else (request.GET.get("q", ""), "")
    context = _search_context(query, sort) | {"error": "" if is_valid else _first_error(form)}
    if query and is_valid:
        page = catalogue.search(
            text=query,
            sort=sort,
            at=timezone.now(),
            who=buyer_of(request),
            cursor=request.GET.get("cursor", ""),
        )
        if page.products:
            context["feed"] = page.once((query, sort), lambda: Fragment("h5/_feed.html", _found(page, query, sort)))
    elif is_valid:
        context["categories"] = [_category_link(entry, current="") for entry in catalogue.categories()]
    if wants_part(request):
        part = context.get("feed") or Fragment("h5/_feed.html", {})
        return HttpResponse(part, status=200 if is_valid else 422)
    return render(request, "h5/mall/search.html", context, status=200 if is_valid else 422)


@require_safe
def product(request: HttpRequest, product_id: int) -> HttpResponse:
    """One product with its SKUs; `?sku=` chooses one."""
    return product_page(request, product_id=product_id, sku_id=_number(request.GET.get("sku")))


def product_page(
    request: HttpRequest,
    *,
    product_id: int,
    sku_id: int | None = None,
    quantity: int = 1,
    errors: tuple[str, ...] = (),
    status: int = 200,
) -> HttpResponse:
    """The product page, with what was refused when it is shown again."""
    who, shop = buyer_of(request), policies.current()
    detail = product_detail(product_id=product_id, channel=CHANNEL, at=timezone.now(), who=who, sku_id=sku_id)
    is_member = who.member_id is not None

    def part(template: str) -> Fragment:
        return detail.once(
            (template, is_member, shop), lambda: Fragment(template, _product_context(detail, is_member, shop))
        )

    context = {
        "product": detail,
        "chosen": next(sku for sku in detail.skus if sku.id == detail.offer.sku_id),
        "top": part("h5/mall/_product_top.html"),
        "choices": part("h5/mall/_product_choices.html"),
        "terms": part("h5/mall/_product_terms.html"),
        "notice": notice_of(detail.access),
        "quantity": quantity,
        "most": shop.max_order_quantity,
        "errors": errors,
    }
    return render(request, "h5/mall/product.html", context, status=status)


def _product_context(detail: ProductDetail, is_member: bool, shop: policies.Policies) -> dict[str, Any]:
    return {
        "product": detail,
        "product_url": reverse("mall:product", args=[detail.id]),
        "back_url": reverse("mall:category-detail", args=[detail.category_slug]),
        "chosen": next(sku for sku in detail.skus if sku.id == detail.offer.sku_id),
        "offer": detail.offer,
        "is_member": is_member,
        "policies": shop,
    }


def _rows_context(page: catalogue.CategoryPage) -> dict[str, Any]:
    return {
        "products": product_cards(page.products),
        "next_url": next_page("mall:category-detail", page.category.slug, cursor=page.next_cursor),
    }


def _shelf_context(page: catalogue.CategoryPage, rows: Fragment) -> dict[str, Any]:
    return {
        "categories": [_category_link(entry, current=page.category.slug) for entry in page.categories],
        "category": page.category,
        "rows": rows if page.products else "",
    }


def _found(page: catalogue.ProductPage, query: str, sort: str) -> dict[str, Any]:
    return {
        "products": product_cards(page.products),
        "next_url": next_page("mall:search", cursor=page.next_cursor, q=query, sort=sort),
    }


def _category_link(entry: catalogue.CategoryRow, *, current: str) -> dict[str, Any]:
    return {
        "name": entry.name,
        "art": entry.art,
        "url": reverse("mall:category-detail", args=[entry.slug]),
        "is_current": entry.slug == current,
    }


def _search_context(query: str, sort: str) -> dict[str, Any]:
    return {
        "query": query,
        "sort": sort,
        "categories_url": reverse("mall:category"),
        "sorts": [
            {"name": name, "url": address("mall:search", q=query, sort=value), "is_current": value == sort}
            for value, name in SearchForm.SORTS
        ],
    }


def _first_error(form: SearchForm) -> str:
    return str(next(iter(form.errors.values()))[0])


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None
