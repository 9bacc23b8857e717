"""Reads that a client may keep and ask about again: `ETag`, `If-None-Match`, 304."""

from hashlib import sha256
from typing import Any, ClassVar, Final

from django.http import HttpRequest, HttpResponseBase, HttpResponseNotModified
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.http import parse_etags
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

_KEPT: Final = ("ETag", "Cache-Control", "Vary")


class ConditionalReads(APIView):
    """A view whose GET answers carry an ETag of what they say; a client that has it already is answered 304.

    What a visitor is shown may be kept by caches between (`visitors_keep_seconds` long without asking); what a token
    is shown may only be kept by its own client, and a cache between tells the two apart by `Vary: Authorization`.
    """

    visitors_keep_seconds: ClassVar[int] = 0

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """The answer with the headers of a conditional read."""
        response = super().finalize_response(request, response, *args, **kwargs)
        patch_vary_headers(response, ["Authorization"])
        if request.method in {"GET", "HEAD"} and response.status_code == 200:
            if request.headers.get("Authorization"):
                patch_cache_control(response, private=True, no_cache=True)
            elif self.visitors_keep_seconds:
                patch_cache_control(response, public=True, max_age=self.visitors_keep_seconds)
            else:
                patch_cache_control(response, public=True, no_cache=True)
            django_request = getattr(request, "_request", request)
            response.add_post_render_callback(lambda rendered: _unless_known(django_request, rendered))
        return response


def _unless_known(request: HttpRequest, response: Response) -> HttpResponseBase:
    """The answer under its ETag, or 304. Other preconditions are for writes and have no meaning here."""
    etag = response.headers["ETag"] = f'"{sha256(response.content).hexdigest()[:32]}"'
    known = {one.removeprefix("W/") for one in parse_etags(request.headers.get("If-None-Match", ""))}
    if not known & {etag, "*"}:
        return response
    kept = {name: response.headers[name] for name in _KEPT if name in response.headers}
    return HttpResponseNotModified(headers=kept)
