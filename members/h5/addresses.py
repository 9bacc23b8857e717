"""Delivery addresses: list, new, edit, delete, default."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from config.core.db import edge_transaction
from config.core.errors import DomainError, NotFound
from members.h5.forms import AddressFields, place, region_choices
from members.h5.links import link_to
from members.h5.session import member_required, safe_next
from members.rules import regions
from members.rules.addresses import AddressForm
from members.selectors import addresses as reads
from members.services import addresses


@require_safe
@member_required
def address_list(request: HttpRequest, *, member_id: int) -> HttpResponse:
    """The member's addresses; `next` is where one was being chosen for."""
    rows = reads.addresses(member_id=member_id)
    back = link_to("mall:member-centre") or "/"
    values = {"rows": rows, "next": safe_next(request, default=""), "back_url": safe_next(request, default=back)}
    return render(request, "h5/members/addresses.html", values)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def address_new(request: HttpRequest, *, member_id: int) -> HttpResponse:
    """An empty form, or a new address."""
    return _edit(request, member_id=member_id, address_id=None, initial={})


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def address_edit(request: HttpRequest, address_id: int, *, member_id: int) -> HttpResponse:
    """The form of an address, or its new values; nobody else's is found."""
    row = reads.address(member_id=member_id, address_id=address_id)
    province, city = regions.ancestors(district=row.region_code)
    initial = {
        "recipient": row.recipient,
        "phone": row.phone,
        "province": province,
        "city": city,
        "district": row.region_code,
        "detail": row.detail,
        "is_default": row.is_default,
    }
    return _edit(request, member_id=member_id, address_id=address_id, initial=initial)


@require_POST
@member_required
def address_delete(request: HttpRequest, address_id: int, *, member_id: int) -> HttpResponse:
    """Delete an address."""
    with edge_transaction():
        addresses.delete_address(member_id=member_id, address_id=address_id)
    messages.success(request, "地址已删除")
    return redirect(_list_url(request))


@require_POST
@member_required
def address_default(request: HttpRequest, address_id: int, *, member_id: int) -> HttpResponse:
    """Make an address the default one."""
    with edge_transaction():
        addresses.make_default(member_id=member_id, address_id=address_id)
    messages.success(request, "已设为默认地址")
    return redirect(_list_url(request))


@require_safe
def address_regions(request: HttpRequest) -> HttpResponse:
    """The three region boxes after one was chosen."""
    chosen = {name: request.GET.get(name, "") for name in ("province", "city", "district")}
    return render(request, "h5/members/_region.html", {"region": region_choices(**chosen)})


def _edit(request: HttpRequest, *, member_id: int, address_id: int | None, initial: dict[str, Any]) -> HttpResponse:
    form = AddressFields(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST":
        form.is_valid()
        try:
            with edge_transaction():
                addresses.save_address(
                    member_id=member_id, address_id=address_id, form=_typed(form.cleaned_data), at=timezone.now()
                )
        except NotFound:
            raise
        except DomainError as refusal:
            place(form, refusal, region_code="district")
            return _form_page(request, form, address_id=address_id, status=422)
        messages.success(request, "地址已保存")
        return redirect(safe_next(request, default=reverse("members:addresses")))
    return _form_page(request, form, address_id=address_id)


def _typed(values: dict[str, Any]) -> AddressForm:
    return AddressForm(
        recipient=values["recipient"],
        phone=values["phone"],
        region_code=values["district"],
        detail=values["detail"],
        is_default=values["is_default"],
    )


def _form_page(request: HttpRequest, form: AddressFields, *, address_id: int | None, status: int = 200) -> HttpResponse:
    chosen = {name: str(form[name].value() or "") for name in ("province", "city", "district")}
    values = {
        "form": form,
        "region": region_choices(**chosen),
        "title": "新增地址" if address_id is None else "编辑地址",
        "address_id": address_id,
        "next": safe_next(request, default=""),
        "back_url": _list_url(request),
    }
    return render(request, "h5/members/address_form.html", values, status=status)


def _list_url(request: HttpRequest) -> str:
    wanted = safe_next(request, default="")
    return reverse("members:addresses", query={"next": wanted}) if wanted else reverse("members:addresses")
