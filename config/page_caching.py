"""Who may keep a page: the browser that it was made for, asking again each time; and parts of pages are not pages."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control, patch_vary_headers


class PageCachingMiddleware:
    """Marks HTML as private and as depending on whether htmx asked; what a view says about caching stands.

    Pages name people, so no cache between may keep them. A browser that goes back may show what it kept, and must
    not take the part that htmx was given under the same address for the page.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.headers.get("Content-Type", "").startswith("text/html"):
            patch_vary_headers(response, ["HX-Request"])
            if "Cache-Control" not in response.headers:
                patch_cache_control(response, private=True, no_cache=True)
        return response
