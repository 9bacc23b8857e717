"""What every member page carries: shop name, theme, tab bar, viewer."""

from typing import Any

from django.http import HttpRequest


def chrome(request: HttpRequest) -> dict[str, Any]:
    """Plain values for templates/h5/base.html; nothing for the back office and the API."""
    return {}
