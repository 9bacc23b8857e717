"""/livez, /readyz and /metrics: answered before anything else, whatever Host header a probe sends.

They stand in front of the URLconf because a load balancer asks by address and without TLS, and because a probe must not
fail over sessions, cookies or templates.
"""

import hmac
import ipaddress
import logging
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseNotFound, JsonResponse
from django.utils import timezone
from prometheus_client import CONTENT_TYPE_LATEST

from config.core.client_address import client_address
from config.operations.health import readiness
from config.operations.metrics import exposition

logger = logging.getLogger(__name__)


def livez(request: HttpRequest) -> HttpResponse:
    """200 as long as this process answers; nothing is looked at."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> HttpResponse:
    """200 when every check holds, else 503; names alone, no reasons: anybody may ask."""
    checks = {name: "ok" if holds else "failing" for name, holds in readiness(at=timezone.now()).items()}
    is_ready = set(checks.values()) == {"ok"}
    body = {"status": "ok" if is_ready else "failing", "checks": checks}
    answer = JsonResponse(body, status=200 if is_ready else 503)
    if not is_ready:
        failing = " ".join(name for name, state in checks.items() if state != "ok")
        logger.warning("not ready", extra={"failing": failing})
        answer._has_been_logged = True  # type: ignore[attr-defined]  # Django would call it an error of ours
    return answer


def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text for who may read it; for others there is no such page."""
    if not _may_read_metrics(request):
        return HttpResponseNotFound()
    return HttpResponse(exposition(), content_type=CONTENT_TYPE_LATEST)


def _may_read_metrics(request: HttpRequest) -> bool:
    given = request.META.get("HTTP_AUTHORIZATION", "").encode()
    if settings.METRICS_TOKEN and hmac.compare_digest(given, f"Bearer {settings.METRICS_TOKEN}".encode()):
        return True
    text = client_address(request)
    if not text:
        return False
    address = ipaddress.ip_address(text)
    return any(address in ipaddress.ip_network(network, strict=False) for network in settings.METRICS_ALLOWED)


class OperationsDoors:
    """Middleware, the first: answers the three paths and lets everything else pass."""

    _DOORS = {"/livez": livez, "/readyz": readyz, "/metrics": metrics}

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        door = self._DOORS.get(request.path_info)
        if door is None:
            return self.get_response(request)
        answer = door(request) if request.method in {"GET", "HEAD"} else HttpResponseNotAllowed(["GET", "HEAD"])
        answer.headers["Cache-Control"] = "no-store"
        return answer
