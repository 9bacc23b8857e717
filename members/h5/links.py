"""Links to pages of higher rooms, by URL name."""

from functools import cache

from django.urls import NoReverseMatch, reverse


@cache
def link_to(name: str, *args: object) -> str:
    """The page's address; empty when this installation has no such page."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
