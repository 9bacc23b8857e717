"""How much one address may send to the pages per minute; the API counts its calls itself.

The limit is there for robots and far above what people do: behind one address of a mobile network stand many members.
"""

import logging
from collections.abc import Callable
from typing import ClassVar

import redis
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django_htmx.http import trigger_client_event

from config.core.client_address import client_address
from config.core.crypto import blind_index
from config.core.json_body import BodyTooLarge
from config.core.windows import count_in_window
from config.refusals import domain_error_body
from members.rules.codes import network_of

logger = logging.getLogger(__name__)

_WINDOW_SECONDS = 60
_SENTENCE = "操作太频繁，请稍后再试"
_LARGEST_UPLOAD = 10  # MB
_LARGEST_BODY = (_LARGEST_UPLOAD + 2) * 1024 * 1024  # a picture and what a form adds; as deploy/nginx.conf
_SAFE = {"GET", "HEAD", "OPTIONS"}


class UploadTooLarge(BodyTooLarge):
    """More was announced than the largest upload of a member."""

    message: ClassVar[str] = "请求内容过大，一次最多上传 {megabytes} MB"


class RequestLimitMiddleware:
    """Answers 429 to what an address sends beyond settings.PAGE_POSTS_PER_MINUTE; reading is never limited."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in _SAFE or request.path_info.startswith("/api/") or not _is_over(client_address(request)):
            return self.get_response(request)
        return _refusal(request)


class BodyLimitMiddleware:
    """Answers 413 to what announces more than the largest upload of a member, before anything of it is read.

    The API answers in its own shape. The back office takes larger files (imports).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        announced = request.META.get("CONTENT_LENGTH") or "0"
        is_too_large = announced.isdecimal() and int(announced) > _LARGEST_BODY
        if is_too_large and not request.path_info.startswith("/admin/"):
            return _too_large(request)
        return self.get_response(request)


def _is_over(address: str) -> bool:
    """Whether this one is too many. Without an address or without Redis nobody is refused."""
    if not address or not settings.PAGE_POSTS_PER_MINUTE:
        return False
    name = f"posts:{blind_index(network_of(address), purpose='network')}"
    try:
        return count_in_window(name=name, seconds=_WINDOW_SECONDS).times > int(settings.PAGE_POSTS_PER_MINUTE)
    except redis.RedisError:
        logger.warning("requests are not counted: Redis does not answer")
        return False


def _too_large(request: HttpRequest) -> HttpResponse:
    error = UploadTooLarge(megabytes=_LARGEST_UPLOAD, kilobytes=_LARGEST_UPLOAD * 1024)
    if request.path_info.startswith("/api/"):
        return JsonResponse(domain_error_body(error), status=error.http_status)
    return HttpResponse(render_to_string("413.html"), status=error.http_status)


def _refusal(request: HttpRequest) -> HttpResponse:
    if request.headers.get("HX-Request") == "true":
        response = HttpResponse(status=429, headers={"HX-Reswap": "none"})
        trigger_client_event(response, "toast", {"text": _SENTENCE})
    else:
        response = HttpResponse(render_to_string("429.html"), status=429)  # who is asking isn't known yet
    response.headers["Retry-After"] = str(_WINDOW_SECONDS)
    return response
