"""Which blocks stand on which page."""

from config.core.blocks import Placement
from mall.models import PageBlock


def placements(*, page: str) -> list[Placement]:
    """The enabled blocks of a page in their order: "home", "member_centre"."""
    rows = PageBlock.objects.filter(page=page, is_enabled=True).order_by("position", "pk")
    return [Placement(id=row.pk, kind=row.kind, config=row.config) for row in rows]
