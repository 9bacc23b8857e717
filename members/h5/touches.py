"""What a browser remembers: the link that led here first, and a name for the browser itself; signed, so nobody says so.

`?c=<channel>` works on every page.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from config.core import policies
from config.core.db import edge_transaction
from members.rules import invitations as rules
from members.rules.invitations import Touch
from members.services import channels

_COOKIE: Final = "touch"
_SALT: Final = "members.touch"
_YEAR: Final = 60 * 60 * 24 * 365
_ELSEWHERE: Final = ("/admin/", "/api/")


def touch_of(request: HttpRequest) -> Touch:
    """What this browser brings along; one that is seen for the first time is given a name, which `keep` stores."""
    known: Touch | None = getattr(request, "_touch", None)
    if known is None:
        known = _read(request.COOKIES.get(_COOKIE, ""))
        request._touch = known  # type: ignore[attr-defined]
    return known


def device_to_keep(request: HttpRequest) -> str:
    """The browser's name, which the response to this request has the browser remember."""
    request._is_touch_kept = True  # type: ignore[attr-defined]
    return touch_of(request).device


def keep(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The response, which makes the browser remember its touch."""
    touch = touch_of(request)
    content = {
        "i": touch.invite_code,
        "c": touch.channel_code,
        "t": int(touch.touched_at.timestamp()) if touch.touched_at else 0,
        "d": touch.device,
    }
    response.set_cookie(
        _COOKIE,
        signing.dumps(content, salt=_SALT, compress=True),
        max_age=_YEAR,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response


def note(request: HttpRequest, *, invite_code: str = "", channel_code: str = "") -> Touch:
    """A link led here: it counts from now on, unless one that came before still does."""
    at, known = timezone.now(), touch_of(request)
    new = Touch(invite_code=invite_code, channel_code=channel_code, touched_at=at)
    days = policies.current().invitation_touch_days
    touch = rules.first_touch(known=known, new=new, at=at, days=days)
    request._touch = touch  # type: ignore[attr-defined]
    return touch


def channel_in(request: HttpRequest) -> str:
    """The code in the address, if it can be a channel's."""
    return rules.clean_channel_code(request.GET.get("c", ""))


class TouchMiddleware:
    """Writes down visits by a channel's link, on whatever page it leads to, and has the browser remember it.

    A browser in which somebody logged in is remembered too.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        code = channel_in(request) if request.method == "GET" and not request.path.startswith(_ELSEWHERE) else ""
        if not code or not self._visited(request, code):
            response = self.get_response(request)
            return keep(request, response) if getattr(request, "_is_touch_kept", False) else response
        response = self.get_response(request)
        note(request, channel_code=code)  # the page may have noted an inviter: the first wins, both came with one link
        return keep(request, response)

    def _visited(self, request: HttpRequest, code: str) -> bool:
        with edge_transaction():
            return channels.visit(code=code, visitor=touch_of(request).device, at=timezone.now())


def _read(text: str) -> Touch:
    """What the cookie says; a browser without one, or with a forged one, is new."""
    try:
        content: dict[str, Any] = signing.loads(text, salt=_SALT, max_age=_YEAR)
    except signing.BadSignature:
        return Touch(device=uuid4().hex)
    touched_at = datetime.fromtimestamp(content["t"], tz=UTC) if content["t"] else None
    return Touch(invite_code=content["i"], channel_code=content["c"], touched_at=touched_at, device=content["d"])
