"""Pages for members: a visitor logs in first and comes back to where they were."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect

from members.h5.session import current_member_id


def buyer_required(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Call `view` with the member's id as `member_id`; what was posted before the log-in is not repeated after it."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        member_id = current_member_id(request)
        if member_id is not None:
            return view(request, *args, member_id=member_id, **kwargs)
        login = f"{reverse('members:login')}?{urlencode({'next': _return_to(request)})}"
        return HttpResponseClientRedirect(login) if request.htmx else redirect(login)

    return guarded


def page_before(request: HttpRequest) -> str:
    """Path of the page of this site that the request came from, else home."""
    referer = request.META.get("HTTP_REFERER", "")
    if not url_has_allowed_host_and_scheme(referer, allowed_hosts={request.get_host()}):
        return reverse("mall:home")
    parts = urlsplit(referer)
    return f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"


def _return_to(request: HttpRequest) -> str:
    is_page = request.method in ("GET", "HEAD") and not request.htmx
    return request.get_full_path() if is_page else page_before(request)
