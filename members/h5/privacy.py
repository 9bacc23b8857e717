"""The privacy centre: the notice and consent, a copy of one's data, closing the account."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from config.core import policies
from config.core.db import edge_transaction
from config.core.errors import DomainError, NotFound
from members.h5.links import link_to
from members.h5.session import known_member_required, member_required, safe_next
from members.models import Member
from members.selectors.privacy_notices import agreements, current_notice
from members.selectors.privacy_pages import closing_of, copies_of
from members.services import closing, consents, data_exports

_HOME = "mall:home"


@require_safe
@member_required
def privacy_page(request: HttpRequest, *, member_id: int) -> HttpResponse:
    """What was agreed to, the copies of one's data, and the way out."""
    at = timezone.now()
    values = {
        "notice": current_notice(),
        "agreements": agreements(member_id=member_id),
        "copies": copies_of(member_id=member_id, at=at),
        "hours": policies.current().data_export_hours,
        "back_url": reverse("members:profile"),
    }
    return render(request, "h5/members/privacy.html", values)


@require_safe
def notice_page(request: HttpRequest) -> HttpResponse:
    """The notice in force, for everybody."""
    notice = current_notice()
    if notice is None:
        raise NotFound()
    back = safe_next(request, default=link_to(_HOME) or "/")
    return render(request, "h5/members/notice.html", {"notice": notice, "back_url": back})


@require_http_methods(["GET", "HEAD", "POST"])
@known_member_required
def consent_page(request: HttpRequest, *, member_id: int) -> HttpResponse:
    """The notice in force, to be agreed to before anything else."""
    target = safe_next(request, default=link_to("mall:member-centre") or "/")
    notice = current_notice()
    if notice is None:
        return redirect(target)
    refusal = ""
    if request.method == "POST":
        given = request.POST.get("version", "")
        try:
            with edge_transaction():
                version = int(given) if given.isascii() and given.isdecimal() and len(given) < 9 else 0
                consents.agree(member_id=member_id, version=version, channel=Member.Channel.H5, at=timezone.now())
            return redirect(target)
        except DomainError as error:
            refusal = error.text
    values = {"notice": notice, "next": target, "refusal": refusal, "is_new": not agreements(member_id=member_id)}
    return render(request, "h5/members/consent.html", values, status=409 if refusal else 200)


@require_POST
@member_required
def copy_ask(request: HttpRequest, *, member_id: int) -> HttpResponse:
    """Ask for a copy; it is made in the background."""
    with edge_transaction():
        data_exports.ask_for_copy(member_id=member_id, at=timezone.now())
    messages.success(request, "已开始准备，稍后回到本页下载")
    return redirect(reverse("members:privacy"))


@require_safe
@known_member_required
def copy_download(request: HttpRequest, export_id: int, *, member_id: int) -> FileResponse:
    """The copy, for its owner alone."""
    path = data_exports.file_of(member_id=member_id, export_id=export_id, at=timezone.now())
    response = FileResponse(path.open("rb"), as_attachment=True, filename="my-data.zip", content_type="application/zip")
    add_never_cache_headers(response)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@known_member_required
def closing_page(request: HttpRequest, *, member_id: int) -> HttpResponse:
    """What would be lost and the button; or, when it was pressed, until when it can be taken back."""
    at, refusal, status = timezone.now(), "", 200
    if request.method == "POST":
        try:
            _check_agreed(request)
            with edge_transaction():
                closing.ask_to_close(member_id=member_id, channel=Member.Channel.H5, at=at)
            return redirect(reverse("members:closing"))
        except DomainError as error:
            refusal, status = error.text, 422
    with edge_transaction():
        lost = closing.what_is_lost(member_id=member_id, at=at)
    values: dict[str, Any] = {
        "open": closing_of(member_id=member_id),
        "lost": lost,
        "refusal": refusal,
        "back_url": reverse("members:privacy"),
    }
    return render(request, "h5/members/closing.html", values, status=status)


@require_POST
@known_member_required
def closing_take_back(request: HttpRequest, *, member_id: int) -> HttpResponse:
    """Stay."""
    with edge_transaction():
        closing.take_back(member_id=member_id, at=timezone.now())
    messages.success(request, "已撤销注销，欢迎回来")
    return redirect(link_to("mall:member-centre") or "/")


class NotConfirmed(DomainError):
    """The box wasn't ticked."""

    code = "not_confirmed"
    message = "请先勾选「我已了解」"


def _check_agreed(request: HttpRequest) -> None:
    if request.POST.get("understood") != "on":
        raise NotConfirmed()
