"""The member's session: who is signed in, and what to do when nobody is."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.contrib.auth import login, logout, update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect

from config.core.client_address import client_address
from config.core.db import edge_transaction
from config.core.own_pages import page_before
from members.h5 import touches
from members.models import Member, User
from members.selectors.sessions import SignedIn, log_in
from members.services import devices
from members.services.devices import Seen

_UNKNOWN = object()
_USED = "used_at"  # when this session was last noted as in use


def current_member(request: HttpRequest) -> SignedIn | None:
    """The signed-in member, or None for visitors, staff, and members who were frozen. Asked once per request."""
    known = getattr(request, "_signed_in", _UNKNOWN)
    if known is _UNKNOWN:
        user = request.user
        known = _active_member(user) if user.is_authenticated and user.is_member else None
        request._signed_in = known  # type: ignore[attr-defined]
        if known is not None:
            _note_use(request)
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
    at = timezone.now()
    request.session[_USED] = int(at.timestamp())
    with edge_transaction():
        devices.note(user_id=user_id, seen=_seen(request), at=at, session_key=request.session.session_key or "")


def stay_signed_in(request: HttpRequest, *, user_id: int) -> None:
    """Go on with this session after the password changed, which ends all others; its key is a new one."""
    before = request.session.session_key or ""
    update_session_auth_hash(request, User.objects.get(pk=user_id))
    with edge_transaction():
        devices.move_session(before=before, after=request.session.session_key or "")


def sign_out(request: HttpRequest) -> None:
    """End the session, and note that its device is signed out."""
    key = request.session.session_key
    if key:
        with edge_transaction():
            devices.end_session(session_key=key, at=timezone.now())
    logout(request)


def member_required(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Call `view` with `member_id`; a visitor logs in first and comes back, also when htmx asked.

    Who is leaving is shown how to stay; who hasn't agreed to the privacy notice in force is asked to first.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        member = known_member(request)
        if member is None:
            return _led(request, "members:login")
        if member.status == Member.Status.CLOSING:
            return _led(request, "members:closing")
        if member.needs_consent:
            return _led(request, "members:consent")
        return view(request, *args, member_id=member.member_id, **kwargs)

    return guarded


def known_member_required(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """As `member_required`, for the pages of privacy: also who is leaving or hasn't agreed yet comes in."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        member = known_member(request)
        if member is None:
            return _led(request, "members:login")
        return view(request, *args, member_id=member.member_id, **kwargs)

    return guarded


def known_member(request: HttpRequest) -> SignedIn | None:
    """The signed-in member, also one who is leaving; None for everybody else."""
    member = current_member(request)
    if member is not None or not (request.user.is_authenticated and request.user.is_member):
        return member
    leaving: SignedIn | None = getattr(request.user, "signed_in", None)
    return leaving if leaving is not None and leaving.status == Member.Status.CLOSING else None


def _led(request: HttpRequest, name: str) -> HttpResponse:
    address = f"{reverse(name)}?{urlencode({'next': _came_from(request)})}"
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)  # type: ignore[attr-defined]


def safe_next(request: HttpRequest, *, default: str) -> str:
    """Where `next` points when that is the path of a page of this site, else `default`."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_own = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if is_own else default


def _seen(request: HttpRequest) -> Seen:
    return Seen(
        channel="h5",
        user_agent=request.headers.get("User-Agent", "")[:500],
        device_id=touches.device_to_keep(request),
        address=client_address(request),
    )


def _note_use(request: HttpRequest) -> None:
    """At most once an hour; sessions that began before devices were noted have none."""
    used, at = request.session.get(_USED), timezone.now()
    if isinstance(used, int) and used < (at - devices.SEEN_AGAIN_AFTER).timestamp():
        request.session[_USED] = int(at.timestamp())
        devices.note_use(session_key=request.session.session_key or "", at=at)


def _came_from(request: HttpRequest) -> str:
    """The page to come back to: this one, or the page that posted or asked by htmx."""
    if request.method in {"GET", "HEAD"} and not request.htmx:  # type: ignore[attr-defined]
        return request.get_full_path()
    parts = urlsplit(page_before(request))
    return f"{parts.path}?{parts.query}" if parts.query else parts.path or "/"
