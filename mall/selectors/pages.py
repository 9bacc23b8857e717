"""Which blocks stand on which page."""

from django.conf import settings

from config.core.blocks import Placement
from config.core.keeping import kept
from mall.models import PageBlock


def placements(*, page: str) -> list[Placement]:
    """The enabled blocks of a page in their order: "home", "member_centre"; kept for settings.SHELF_SECONDS."""
    return kept(("placements", page), seconds=settings.SHELF_SECONDS, load=lambda: _placed(page))


def _placed(page: str) -> list[Placement]:
    rows = PageBlock.objects.filter(page=page, is_enabled=True).order_by("position", "pk")
    return [Placement(id=row.pk, kind=row.kind, config=row.config) for row in rows]
