"""Pages made of blocks, as values."""

import logging

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from config.core.blocks import Viewer, kinds, render_plan
from config.core.conditional import ConditionalReads
from config.core.errors import NotFound
from config.core.openapi import answers
from mall.api.blocks_on_pages import BLOCKS, outputs_of_blocks
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
        responses=answers(BLOCKS, NotFound, is_public=True),
    )
    def get(self, request: Request, page: str) -> Response:
        """List a page's blocks with their values; a kind that no room knows any more is left out and logged."""
        if page not in _PAGES:
            raise NotFound
        viewer = Viewer(member_id=viewer_id_of(request), channel=CHANNEL, at=timezone.now())
        known, placed = {kind.kind for kind in kinds()}, placements(page=_PAGES[page])
        for unknown in (one for one in placed if one.kind not in known):
            logger.error("page block of an unknown kind", extra={"kind": unknown.kind, "placement": unknown.id})
        outputs = outputs_of_blocks()
        rendered = render_plan([one for one in placed if one.kind in outputs], viewer)
        return Response([outputs[block.kind](block).data for block in rendered])
