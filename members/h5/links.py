"""Links to pages of higher rooms, by URL name."""

from django.urls import NoReverseMatch, reverse


def link_to(name: str, *args: object) -> str:
    """The page's address; empty when this installation has no such page."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
