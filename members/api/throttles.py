"""How often one caller may call, per minute; settings.API_CALLS_PER_MINUTE names the rates, 0 means no limit.

A window opens with a caller's first call. When Redis does not answer, nobody is refused.
"""

import logging
from typing import Any, Final

import redis
from django.conf import settings
from knox.models import AuthToken
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from config.core.client_address import client_address
from config.core.crypto import blind_index
from config.core.windows import count_in_window
from members.rules.codes import network_of

logger = logging.getLogger(__name__)

_SECONDS: Final = 60


class CallThrottle(BaseThrottle):
    """Every call: a member's by their token, a visitor's by their network."""

    _left: int | None = None

    def allow_request(self, request: Request, view: Any) -> bool:
        """Whether this call is within the rate that counts for it."""
        rate, caller = self.rate_of(request), _caller(request)
        most = settings.API_CALLS_PER_MINUTE[rate] if rate else 0
        if not most or not caller:
            return True
        try:
            window = count_in_window(name=f"api:{rate}:{caller}", seconds=_SECONDS)
        except redis.RedisError:
            logger.warning("API calls are not counted: Redis does not answer")
            return True
        self._left = window.seconds_left
        return window.times <= most

    def wait(self) -> float | None:
        """Seconds until the window closes."""
        return self._left

    def rate_of(self, request: Request) -> str:
        """Which rate counts; empty: none."""
        return "member" if isinstance(request.auth, AuthToken) else "visitor"


class SignInThrottle(CallThrottle):
    """Asking for codes and logging in."""

    def rate_of(self, request: Request) -> str:
        return "sign_in"


class PlacingThrottle(CallThrottle):
    """Placing orders; reading them counts as any other call."""

    def rate_of(self, request: Request) -> str:
        return "placing" if request.method == "POST" else ""


SIGN_IN: Final = (CallThrottle, SignInThrottle)
PLACING: Final = (CallThrottle, PlacingThrottle)


def _caller(request: Request) -> str:
    if isinstance(request.auth, AuthToken):
        return f"token:{request.auth.digest[:40]}"
    address = client_address(request._request)
    return f"network:{blind_index(network_of(address), purpose='network')}" if address else ""
