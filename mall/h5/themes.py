"""How the pages look on one device: kept in a cookie."""

from django.http import HttpRequest, HttpResponse

THEMES = ("auto", "light", "dark")
_COOKIE = "theme"
_YEAR = 60 * 60 * 24 * 365


def theme_of(request: HttpRequest) -> str:
    """The theme that this device chose, else "auto": what the system says."""
    chosen = request.COOKIES.get(_COOKIE, "")
    return chosen if chosen in THEMES else "auto"


def keep_theme(response: HttpResponse, theme: str) -> None:
    """Remember the theme on this device."""
    response.set_cookie(_COOKIE, theme, max_age=_YEAR, httponly=True, samesite="Lax")
