"""Turns refusals into answers: one error shape for the API, a page or a toast for members."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views import defaults
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from config.core.errors import DomainError, InvalidInput
from config.core.own_pages import page_before

_MESSAGES = {
    "not_authenticated": "请先登录",
    "authentication_failed": "登录已失效，请重新登录",
    "permission_denied": "没有权限进行此操作",
    "not_found": "内容不存在或已失效",
    "method_not_allowed": "不支持这种请求方式",
    "throttled": "操作太频繁，请稍后再试",
    "parse_error": "请求内容无法解析",
    "unsupported_media_type": "请使用 JSON 格式",
    "not_acceptable": "无法以该格式返回",
    "invalid": "请检查填写的内容",
    "error": "请求未完成",
}
_SENTENCES_OF_PAGES = {400: ("bad_request", "请求有误"), 403: ("permission_denied", _MESSAGES["permission_denied"])}
_BROKEN = ("internal_error", "服务暂时不可用，请稍后再试")


def error_body(
    code: str, message: str, fields: dict[str, Any] | None = None, facts: dict[str, int] | None = None
) -> dict[str, Any]:
    """The one error shape of the API."""
    return {"code": code, "message": message, "fields": fields or {}, "facts": facts or {}}


def domain_error_body(error: DomainError, names: Mapping[str, str] | None = None) -> dict[str, Any]:
    """A refusal in the API's error shape; its field carries the sentence too, under the name it has for the caller."""
    fields = dict(error.fields) if isinstance(error, InvalidInput) else {}
    if error.field:
        fields[error.field] = error.text
    called = names or {}
    at_fields = {called.get(name, name): [text] for name, text in fields.items()}
    return error_body(error.code, error.text, at_fields, {name: error.facts[name] for name in error.public_facts})


def api_exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: refusals and DRF's own errors in one shape; anything else stays a 500.

    A view whose input is called otherwise than in the domain says so in `field_names`.
    """
    if isinstance(error, DomainError):
        set_rollback()
        body = domain_error_body(error, getattr(context.get("view"), "field_names", None))
        return Response(body, status=error.http_status, headers=_when_to_retry(error))
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if isinstance(error, exceptions.ValidationError):
        response.data = error_body("invalid", _MESSAGES["invalid"], dict(_by_field(error.detail)))
    elif isinstance(error, exceptions.APIException):
        code = error.default_code
        response.data = error_body(code, _MESSAGES.get(code, _MESSAGES["error"]), facts=_seconds_to_wait(response))
    return response


def _when_to_retry(error: DomainError) -> dict[str, str] | None:
    seconds = error.facts.get("seconds") if error.http_status == 429 else None
    return None if seconds is None else {"Retry-After": str(seconds)}


def _seconds_to_wait(response: Response) -> dict[str, int] | None:
    seconds = response.headers.get("Retry-After")
    return None if seconds is None else {"seconds": int(seconds)}


def _by_field(detail: Any, path: str = "") -> Iterator[tuple[str, list[str]]]:
    """Sentences by field, a field of the second line as `lines.1.quantity`; what belongs to no field comes first."""
    if isinstance(detail, Mapping):
        for name, part in detail.items():
            yield from _by_field(part, f"{path}.{name}" if path else str(name))
    elif any(isinstance(part, Mapping | list) for part in detail):
        for number, part in enumerate(detail):
            yield from _by_field(part, f"{path}.{number}" if path else str(number))
    elif detail:
        yield path or "non_field_errors", [str(sentence) for sentence in detail]


@csrf_exempt
def no_such_endpoint(request: HttpRequest) -> JsonResponse:
    """What is answered under /api/ where no room has an endpoint."""
    return JsonResponse(error_body("not_found", "没有这个接口"), status=404)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400: the API's error shape under /api/, else Django's page."""
    return _api_answer(request, 400) or defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler403: the API's error shape under /api/, else the shop's page."""
    return _api_answer(request, 403) or defaults.permission_denied(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500: the API's error shape under /api/, else the shop's page."""
    return _api_answer(request, 500) or defaults.server_error(request)


def _api_answer(request: HttpRequest, status: int) -> JsonResponse | None:
    if not request.path_info.startswith("/api/"):
        return None
    return JsonResponse(error_body(*_SENTENCES_OF_PAGES.get(status, _BROKEN)), status=status)


class DomainErrorMiddleware:
    """Answers refusals that an H5 page did not place at a field: a toast for htmx, else a message and a way back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, DomainError):
            return None
        if error.http_status == 404:
            return render(request, "404.html", {"reason": error.text}, status=404)
        if getattr(request, "htmx", False):
            response = HttpResponse(status=error.http_status)
            response["HX-Reswap"] = "none"
            from django_htmx.http import trigger_client_event

            return trigger_client_event(response, "toast", {"text": error.text})
        messages.error(request, error.text)
        return redirect(_way_back(request))


def _way_back(request: HttpRequest) -> str:
    """The page of this site that the request came from, else home."""
    from django.urls import reverse

    before = page_before(request)
    is_here = request.method == "GET" and before == request.build_absolute_uri()  # going back would loop
    return reverse("mall:home") if is_here or not before else before
