"""What merchants saved on the page of settings, read without asking the database on every page.

The rows are django-constance's; one copy of all of them is shared in the cache, and each process looks at that copy
every few seconds. The process that saves has the new values at once.
"""

import time
from collections.abc import Mapping
from typing import Any

from constance.codecs import loads
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError

LOOK_AGAIN_SECONDS = 5
_KEY = "shop-settings"
_KEPT_SECONDS = 86_400


class _Kept:
    """What this process read last, and when."""

    values: Mapping[str, Any] = {}
    until = 0.0


def stored() -> Mapping[str, Any]:
    """Setting name -> saved value, for those that were ever changed; at most a few seconds old."""
    if not settings.STORED_SETTINGS:
        return {}
    now = time.monotonic()
    if now >= _Kept.until:
        _Kept.values, _Kept.until = _shared(), now + LOOK_AGAIN_SECONDS
    return _Kept.values


def refresh() -> None:
    """Share what the database says now; call it when a change is committed."""
    values = rows()
    cache.set(_KEY, values, timeout=_KEPT_SECONDS)
    _Kept.values, _Kept.until = values, time.monotonic() + LOOK_AGAIN_SECONDS


def forget() -> None:
    """Make this process look again at the next read."""
    _Kept.until = 0.0


def rows() -> dict[str, Any]:
    """Every saved value, from the database. One query."""
    saved = apps.get_model("constance", "Constance").objects.values_list("key", "value")
    return {key: loads(value) for key, value in saved if value}


def _shared() -> Mapping[str, Any]:
    try:
        values = cache.get(_KEY)
        if values is None:
            values = rows()
            cache.add(_KEY, values, timeout=_KEPT_SECONDS)  # never over what a save has just put there
    except RedisError:
        return rows()
    return dict(values)
