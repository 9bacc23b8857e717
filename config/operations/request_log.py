"""One line and one count for each request: what was asked for, by what kind of person, how it ended, how long it took.

No path, query or address: a route's name says which page it was, and the request's id finds the lines beside it.
"""

import logging
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from config.core.client_address import is_trusted_proxy
from config.operations import context
from config.operations.metrics import count_request

logger = logging.getLogger(__name__)

_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


class RequestsMiddleware:
    """Gives each request an id, and tells log and metrics of it when it is answered."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        request_id = _id_from_proxy(request) or context.fresh_id()
        token = context.request_id.set(request_id)
        try:
            response = self.get_response(request)
            _tell(request, response, seconds=time.perf_counter() - started)
        finally:
            context.request_id.reset(token)
        response.headers[context.REQUEST_ID_HEADER] = request_id
        return response


def _id_from_proxy(request: HttpRequest) -> str:
    """The id that a proxy of ours gave; a stranger can't choose his."""
    if not is_trusted_proxy(request.META.get("REMOTE_ADDR", "")):
        return ""
    return context.readable_id(request.headers.get(context.REQUEST_ID_HEADER, ""))


def _tell(request: HttpRequest, response: HttpResponse, *, seconds: float) -> None:
    route = request.resolver_match.view_name if request.resolver_match else "unmatched"
    count_request(route=route, status=response.status_code, seconds=seconds)
    if not settings.LOG_REQUESTS:
        return
    facts = {
        "method": request.method if request.method in _METHODS else "other",
        "route": route,
        "status": response.status_code,
        "milliseconds": round(seconds * 1000, 1),
        "viewer": _viewer(request),
    }
    logger.info("request", extra=facts)


def _viewer(request: HttpRequest) -> str:
    """What kind of person asked, as far as the page wanted to know: finding out must not cost a query here."""
    user = getattr(request, "user", None)
    if isinstance(user, SimpleLazyObject):
        user = getattr(request, "_cached_user", None)
    if user is None or not user.is_authenticated:
        return "visitor"
    return "member" if user.is_member else "staff"
