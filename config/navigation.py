"""Unfold's settings: look, sidebar by job, dashboard."""

from typing import Any

UNFOLD: dict[str, Any] = {"SITE_TITLE": "云杉会员商城", "SITE_HEADER": "云杉会员商城"}
