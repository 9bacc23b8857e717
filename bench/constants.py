"""The limit of a page: the same middleware and the same template, rendered from values kept in memory."""

import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.urls import include, path

from config.core.blocks import RenderedBlock
from config.core.fragments import Fragment

KEPT = Path("var/bench_pages.pickle")
_pages: dict[str, tuple[str, dict[str, Any]]] = {}


def page(request: HttpRequest, name: str) -> HttpResponse:
    """The named page's template with the values that the real page gave it."""
    if not _pages:
        _pages.update(pickle.loads(KEPT.read_bytes()))  # noqa: S301  (written by this bench a moment ago)
    template, values = _pages[name]
    return HttpResponse(
        loader.get_template(template).render({name: _unrendered(value) for name, value in values.items()})
    )


def _unrendered(value: Any) -> Any:
    """The value with every kept part of a page to be rendered again: the limit is what the whole template costs."""
    if isinstance(value, Fragment):
        return Fragment(value.template, {name: _unrendered(inner) for name, inner in value.values.items()})
    if isinstance(value, dict):
        return {name: _unrendered(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_unrendered(inner) for inner in value]
    if isinstance(value, RenderedBlock) and value.fragment:
        return replace(value, fragment=_unrendered(value.fragment))
    if isinstance(value, RenderedBlock):
        return replace(value, values=_unrendered(value.values))
    return value


urlpatterns = [path("constants/<name>/", page), path("", include("config.urls"))]
