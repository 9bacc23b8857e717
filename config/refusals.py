"""Turns refusals into answers: one error shape for the API, a page or a toast for members."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from config.core.errors import DomainError, InvalidInput

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


def error_body(code: str, message: str, fields: dict[str, Any] | None = None) -> dict[str, Any]:
    """The one error shape of the API."""
    return {"code": code, "message": message, "fields": fields or {}}


def domain_error_body(error: DomainError) -> dict[str, Any]:
    """A refusal in the API's error shape; its field, when it has one, carries the sentence too."""
    fields = dict(error.fields) if isinstance(error, InvalidInput) else {}
    if error.field:
        fields[error.field] = error.text
    return error_body(error.code, error.text, {name: [text] for name, text in fields.items()})


def api_exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: refusals and DRF's own errors in one shape; anything else stays a 500."""
    if isinstance(error, DomainError):
        set_rollback()
        return Response(domain_error_body(error), status=error.http_status)
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if isinstance(error, exceptions.ValidationError):
        fields = error.detail if isinstance(error.detail, dict) else {"non_field_errors": error.detail}
        response.data = error_body("invalid", _MESSAGES["invalid"], fields)
    elif isinstance(error, exceptions.APIException):
        code = error.default_code
        response.data = error_body(code, _MESSAGES.get(code, _MESSAGES["error"]))
    return response


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
    from django.utils.http import url_has_allowed_host_and_scheme

    referer = request.META.get("HTTP_REFERER", "")
    is_ours = url_has_allowed_host_and_scheme(referer, allowed_hosts={request.get_host()})
    is_here = request.method == "GET" and referer == request.build_absolute_uri()  # going back would loop
    if referer and is_ours and not is_here:
        return str(referer)
    return reverse("mall:home")
