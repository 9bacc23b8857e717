"""API writes that can be repeated safely: `@idempotent()` on a DRF view's method."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import transaction
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from config.core.crypto import blind_index
from config.core.db import edge_transaction
from config.core.errors import DomainError
from config.outbox.services import answers

Method = Callable[..., Response]
_LONGEST_KEY = 200


class IdempotencyKeyMissing(DomainError):
    """The call needs a key and has none."""

    code = "idempotency_key_missing"
    message = "请在请求头 Idempotency-Key 中提供幂等键"
    http_status = 400


class IdempotencyKeyMalformed(DomainError):
    """The key is empty, too long, or not printable ASCII."""

    code = "idempotency_key_malformed"
    message = "幂等键须为 1 至 200 个可见的 ASCII 字符"
    http_status = 400


REFUSALS = (IdempotencyKeyMalformed, answers.IdempotencyKeyReused)  # what any call with a key may be answered


def by_user(request: Request) -> str:
    """Keys belong to the user who sends them. A view without users states a scope of its own."""
    if request.user is None or request.user.pk is None:
        raise exceptions.NotAuthenticated
    return f"user:{request.user.pk}"


def idempotent(*, required: bool = False, scope: Callable[[Request], str] = by_user) -> Callable[[Method], Method]:
    """Run the method in an edge transaction; with a header `Idempotency-Key`, answer its repetitions from store.

    The method calls services without opening a transaction. What it answered (2xx, or a DomainError's 4xx) commits
    with its effect and is given again for 24 hours, marked `Idempotency-Replayed: true`. Nothing is kept of malformed
    input, missing rights or 5xx: those may be tried again with the same key. The request body must be JSON.
    """

    def decorate(method: Method) -> Method:
        @wraps(method)
        def wrapper(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
            key = _key_of(request, required=required)
            if key is None:
                with edge_transaction():
                    return method(view, request, *args, **kwargs)
            caller, fingerprint = scope(request), _fingerprint(request)
            with edge_transaction():
                known = answers.claim(scope=caller, key=key, fingerprint=fingerprint, at=timezone.now())
                if known:
                    return Response(known.body, known.status_code, headers={"Idempotency-Replayed": "true"})
                response = _answer(view, method, request, *args, **kwargs)
                if response.status_code >= 500:
                    transaction.set_rollback(True)
                    return response
                body = json.loads(JSONRenderer().render(response.data) or b"null")
                answers.keep(scope=caller, key=key, answer=answers.Answer(response.status_code, body))
                return response

        return extend_schema(parameters=[_header(required)])(wrapper)

    return decorate


def _answer(view: Any, method: Method, request: Request, *args: Any, **kwargs: Any) -> Response:
    """The method's response; a refusal takes back what the method did and is an answer too."""
    try:
        with transaction.atomic():
            return method(view, request, *args, **kwargs)
    except DomainError as error:
        if error.http_status >= 500:
            raise
        response: Response = view.handle_exception(error)
        return response


def _key_of(request: Request, *, required: bool) -> str | None:
    key: str | None = request.headers.get("Idempotency-Key")
    if key is None:
        if required:
            raise IdempotencyKeyMissing
        return None
    if not 1 <= len(key) <= _LONGEST_KEY or not all("!" <= letter <= "~" for letter in key):
        raise IdempotencyKeyMalformed
    return key


def _fingerprint(request: Request) -> str:
    body = json.dumps(request.data, sort_keys=True)
    return blind_index(f"{request.method} {request.get_full_path()}\n{body}", purpose="idempotency")


def _header(required: bool) -> OpenApiParameter:
    return OpenApiParameter(
        name="Idempotency-Key",
        location=OpenApiParameter.HEADER,
        required=required,
        type=str,
        description="同一个键重复提交只生效一次，并返回第一次的应答（24 小时内）",
    )
