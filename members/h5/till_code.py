"""The member's code for the till: a QR code that lives for a minute and renews itself."""

import segno
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from config.core.db import edge_transaction
from members.h5.links import link_to
from members.h5.session import current_member, member_required
from members.services import till_codes


@never_cache
@require_safe
@member_required
def till_code_page(request: HttpRequest, *, member_id: int) -> HttpResponse:
    """Number and code; asked for by htmx, the code alone."""
    with edge_transaction():
        code = till_codes.code_of(member_id=member_id, at=timezone.now())
    picture = segno.make(code.text, error="m", micro=False).svg_inline(
        omitsize=True, border=2, dark="#000", light="#fff"
    )
    member = current_member(request)
    values = {
        "picture": mark_safe(picture),  # noqa: S308 (made of digits by segno)
        "expires_at": code.expires_at,
        "number": member.number if member else "",
        "nickname": member.nickname if member else "",
        "back_url": link_to("mall:member-centre"),
    }
    is_part = request.htmx  # type: ignore[attr-defined]
    name = "h5/members/_till_code.html" if is_part else "h5/members/till_code.html"
    return render(request, name, values)
