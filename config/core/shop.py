"""The shop's own name and colour, as the merchant set them, else as the environment says."""

from django.conf import settings

from config.core.stored_settings import stored


def shop_name() -> str:
    """What members and staff read at the top of the pages, and in front of messages."""
    return str(stored().get("shop_name") or settings.SHOP_NAME)


def brand_color() -> str:
    """ "#rrggbb", or an empty string for the colours that h5.css has."""
    return str(stored().get("brand_color", settings.SHOP_BRAND_COLOR))
