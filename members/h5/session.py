"""The member's session: who is signed in, and what to do when nobody is."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect

from config.core.own_pages import page_before
from members.models import Member, User
from members.selectors.sessions import SignedIn, log_in

_UNKNOWN = object()


def current_member(request: HttpRequest) -> SignedIn | None:
    """The signed-in member, or None for visitors, staff, and members who were frozen. Asked once per request."""
    known = getattr(request, "_signed_in", _UNKNOWN)
    if known is _UNKNOWN:
        user = request.user
        known = _active_member(user) if user.is_authenticated and user.is_member else None
        request._signed_in = known  # type: ignore[attr-defined]
    return known  # type: ignore[return-value]


def current_member_id(request: HttpRequest) -> int | None:
    """The id of the signed-in member, as `current_member` finds it."""
    member = current_member(request)
    return None if member is None else member.member_id


def _active_member(user: Any) -> SignedIn | None:
    if not hasattr(user, "signed_in"):  # no session of MemberBackend: it has just begun
        found = log_in(user_id=user.pk)
        user.signed_in = found and found[1]
    member: SignedIn | None = user.signed_in
    return member if member is not None and member.status == Member.Status.ACTIVE else None


def sign_in(request: HttpRequest, *, user_id: int) -> None:
    """Start the member's session under a fresh key, so that a key known before the log-in is worth nothing after it."""
    user = User.objects.get(pk=user_id, is_member=True)
    login(request, user, backend="members.sign_in_backend.MemberBackend")
    vars(request).pop("_signed_in", None)


def member_required(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Call `view` with `member_id`; a visitor logs in first and comes back, also when htmx asked."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        member_id = current_member_id(request)
        if member_id is not None:
            return view(request, *args, member_id=member_id, **kwargs)
        address = f"{reverse('members:login')}?{urlencode({'next': _came_from(request)})}"
        return HttpResponseClientRedirect(address) if request.htmx else redirect(address)  # type: ignore[attr-defined]

    return guarded


def safe_next(request: HttpRequest, *, default: str) -> str:
    """Where `next` points when that is the path of a page of this site, else `default`."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_own = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if is_own else default


def _came_from(request: HttpRequest) -> str:
    """The page to come back to: this one, or the page that posted or asked by htmx."""
    if request.method in {"GET", "HEAD"} and not request.htmx:  # type: ignore[attr-defined]
        return request.get_full_path()
    parts = urlsplit(page_before(request))
    return f"{parts.path}?{parts.query}" if parts.query else parts.path or "/"
