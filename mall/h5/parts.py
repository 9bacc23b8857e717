"""Whether a part of a page was asked for."""

from django.http import HttpRequest


def wants_part(request: HttpRequest) -> bool:
    """True when htmx asks and will put the answer into a page that is already open."""
    return bool(getattr(request, "htmx", False))
