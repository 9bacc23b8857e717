"""Who is asking: the address behind the proxies that the shop trusts, and no other's word for it."""

import ipaddress
from collections.abc import Iterable

from django.conf import settings
from django.http import HttpRequest

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def client_address(request: HttpRequest) -> str:
    """The client's address as text; empty when the connection has none (a socket without a trusted header).

    settings.TRUSTED_PROXIES lists addresses or networks. `X-Forwarded-For` is read from its end, and only as far as
    each hop was added by a trusted one; what a client wrote in front of that is ignored.
    """
    hops = [*request.META.get("HTTP_X_FORWARDED_FOR", "").split(","), request.META.get("REMOTE_ADDR", "")]
    nearest = ""
    for hop in reversed(hops):
        parsed = _parsed(hop)
        if parsed is None:
            break
        nearest = str(parsed)
        if not _is_trusted(parsed, settings.TRUSTED_PROXIES):
            break
    return nearest


def is_trusted_proxy(text: str) -> bool:
    """Whether that address is one of settings.TRUSTED_PROXIES."""
    parsed = _parsed(text)
    return parsed is not None and _is_trusted(parsed, settings.TRUSTED_PROXIES)


def _parsed(text: str) -> Address | None:
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _is_trusted(address: Address, proxies: Iterable[str]) -> bool:
    return any(address in ipaddress.ip_network(proxy, strict=False) for proxy in proxies)
