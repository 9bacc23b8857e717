"""A tier as a small card in its own colour."""

from django.utils.html import format_html
from django.utils.safestring import SafeString

from members.models import Tier


def tier_badge(tier: Tier) -> SafeString:
    """The tier's name on a tint of its colour; the stylesheet keeps it readable, light and dark."""
    return format_html('<span class="mall-tier" style="--tier:{}">{}</span>', tier.color, tier.name)
