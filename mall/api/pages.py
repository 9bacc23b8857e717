"""Pages made of blocks, as values."""

import logging
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from config.core.blocks import Viewer, kinds, render_plan
from config.core.conditional import ConditionalReads
from config.core.errors import NotFound
from config.core.openapi import answers
from mall.api.outputs import BlockOutput
from mall.selectors.pages import placements
from members.api.auth import viewer_id_of
from members.api.channel import CHANNEL

logger = logging.getLogger(__name__)

_PAGES = {"home": "home", "member-centre": "member_centre"}


class PageView(ConditionalReads):
    """A page as staff composed it."""

    permission_classes = (AllowAny,)

    @extend_schema(
        summary="页面组件",
        description="首页 home 或会员中心 member-centre 的组件，按页面顺序。未登录也可调用；带令牌时是会员自己的。",
        tags=["页面"],
        parameters=[OpenApiParameter("page", str, OpenApiParameter.PATH, enum=list(_PAGES))],
        responses=answers(BlockOutput(many=True), NotFound, is_public=True),
    )
    def get(self, request: Request, page: str) -> Response:
        """List a page's blocks with their values; a kind that no room knows any more is left out and logged."""
        if page not in _PAGES:
            raise NotFound
        viewer = Viewer(member_id=viewer_id_of(request), channel=CHANNEL, at=timezone.now())
        known, placed = {kind.kind for kind in kinds()}, placements(page=_PAGES[page])
        for unknown in (one for one in placed if one.kind not in known):
            logger.error("page block of an unknown kind", extra={"kind": unknown.kind, "placement": unknown.id})
        rendered = render_plan([one for one in placed if one.kind in known], viewer)
        blocks = [{"id": block.id, "kind": block.kind, "values": _plain(block.values)} for block in rendered]
        return Response(BlockOutput(blocks, many=True).data)


def _plain(value: Any) -> Any:
    """What JSON can say of a block's values."""
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(name): _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(part) for part in value]
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return value if isinstance(value, bool | int | float | None) else str(value)
