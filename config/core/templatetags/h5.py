"""Tags of the member pages: inlined icons, prices, points and Shanghai times."""

import re
from datetime import date, datetime
from functools import cache
from typing import Literal

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from config.core.time import SHANGHAI

register = template.Library()

Style = Literal["outline", "filled"]
WEEKDAYS = "一二三四五六日"
_PAINT: dict[Style, str] = {
    "outline": 'fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"',
    "filled": 'fill="currentColor"',
}


_ICONS = "vendor/tabler-icons-3.51.0"
_ART = "vendor/fluentui-emoji-1.3.0"
_GIFT = "gift"


@cache
def _names(files: str) -> frozenset[str]:
    """Names of the vendored files of that pattern."""
    return frozenset(path.stem for path in (settings.BASE_DIR / "static").glob(files))


@cache
def _shapes(name: str, style: Style) -> str:
    """What is drawn inside the icon's svg element. Raises FileNotFoundError for an icon that was not vendored."""
    source = (settings.BASE_DIR / f"static/{_ICONS}/{style}/{name}.svg").read_text()
    inner = source[source.index(">", source.index("<svg")) + 1 : source.rindex("</svg>")]
    return re.sub(r"\s+", " ", inner).strip()


@register.simple_tag
@cache
def icon(name: str, style: Style = "outline") -> SafeString:
    """The Tabler icon as inline svg, hidden from screen readers: the text beside it speaks."""
    paint, shapes = _PAINT[style], _shapes(name, style)
    return mark_safe(f'<svg class="i" viewBox="0 0 24 24" {paint} aria-hidden="true">{shapes}</svg>')  # noqa: S308


@register.simple_tag
@cache
def art(name: str) -> str:
    """Address of a Fluent Emoji picture: navigation art, tiers, avatars, empty states."""
    return static(art_file(name))


def art_file(name: str) -> str:
    """The picture's path among the static files."""
    return f"{_ART}/{name}.webp"


@register.filter
def known_icon(name: str) -> str:
    """The icon that staff named, or a gift when there is none of that name: a slip must not break members' pages."""
    return name if name in _names(f"{_ICONS}/outline/*.svg") else _GIFT


@register.filter
def known_art(name: str) -> str:
    """The picture that staff named, or a gift when there is none of that name."""
    return name if name in _names(f"{_ART}/*.webp") else _GIFT


@register.filter
def yuan_int(cents: int) -> str:
    """Whole yuan with thousands separators: 123450 -> 1,234; a negative amount keeps its minus."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100:,}"


@register.filter
def yuan_dec(cents: int) -> str:
    """The fen behind the point, nothing when the amount is whole: 123450 -> .50."""
    fen = abs(cents) % 100
    return f".{fen:02d}" if fen else ""


@register.filter
def yuan(cents: int) -> str:
    """An amount as short as it reads: 123450 -> ¥1,234.50, 9900 -> ¥99, -500 -> -¥5."""
    sign = "-" if cents < 0 else ""
    return f"{sign}¥{yuan_int(abs(cents))}{yuan_dec(cents)}"


@register.filter
def points(amount: int) -> str:
    """Points with thousands separators: 12800 -> 12,800."""
    return f"{amount:,}"


@register.filter
def grouped(text: str) -> str:
    """A sum as it was written down, its numbers with thousands separators: 2241.7 向下取整 -> 2,241.7 向下取整."""
    return re.sub(r"(?<![\d.,])\d{4,}", lambda found: f"{int(found[0]):,}", text)


@register.filter
def signed(amount: int) -> str:
    """Points with their sign in front: 50 -> +50, -1200 -> -1,200."""
    return f"{amount:+,}" if amount else "0"


@register.filter
def clock(at: datetime) -> str:
    """A moment in Shanghai: 11-21 14:30."""
    return f"{at.astimezone(SHANGHAI):%m-%d %H:%M}"


@register.filter
def moment(at: datetime) -> str:
    """A moment in Shanghai with its year: 2026-11-21 14:30."""
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


@register.filter
def day(at: date | datetime) -> str:
    """A day as Shanghai sees it: 2026-11-21."""
    return f"{at.astimezone(SHANGHAI) if isinstance(at, datetime) else at:%Y-%m-%d}"


@register.filter
def weekday(at: date | datetime) -> str:
    """The weekday in Shanghai: 周三."""
    return "周" + WEEKDAYS[(at.astimezone(SHANGHAI) if isinstance(at, datetime) else at).weekday()]


@register.simple_tag
def price(cents: int, size: Literal["", "s", "m", "l"] = "") -> SafeString:
    """A price in the shop's type: small sign and fen, large yuan."""
    return format_html(
        '<span class="price {}"><i>¥</i>{}<small>{}</small></span>', size, yuan_int(cents), yuan_dec(cents)
    )
