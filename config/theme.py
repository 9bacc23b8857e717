"""The merchant's colour, as CSS custom properties whose tints keep text readable."""

import colorsys
import re
from functools import lru_cache
from hashlib import sha256

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition

from config.core.shop import brand_color

_HEX = re.compile(r"#?([0-9a-fA-F]{6})")
_MINIMUM_CONTRAST = 4.5
_VISIBLE = 3  # of shapes, by WCAG
_DARK_CARD = "#191c21"

Rgb = tuple[float, float, float]


def _rgb(color: str) -> Rgb:
    red, green, blue = (int(color.lstrip("#")[i : i + 2], 16) / 255 for i in (0, 2, 4))
    return red, green, blue


def _hex(hue: float, lightness: float, saturation: float) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in colorsys.hls_to_rgb(hue % 1, lightness, saturation))


def contrast(one: str, other: str) -> float:
    """WCAG 2.1 contrast ratio of two hex colours (1 to 21)."""

    def luminance(color: str) -> float:
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in _rgb(color)]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def _clamped(hue: float, lightness: float, saturation: float, *, against: tuple[str, ...], step: float) -> str:
    """The nearest lightness, walking by `step`, that reads 4.5:1 against all of `against`."""
    lightness = min(max(lightness, 0.01), 0.99)
    while 0 < lightness < 1 and min(contrast(_hex(hue, lightness, saturation), c) for c in against) < _MINIMUM_CONTRAST:
        lightness += step
    return _hex(hue, min(max(lightness, 0), 1), saturation)


def visible(color: str, *, against: tuple[str, ...]) -> str:
    """The colour, in the nearest lightness that stands out 3:1 from all of `against`; itself where there is none."""
    if not _HEX.fullmatch(color):
        return color
    hue, lightness, saturation = colorsys.rgb_to_hls(*_rgb(color))
    steps = sorted((step / 100 for step in range(1, 100)), key=lambda one: abs(one - lightness))
    tints = (color, *(_hex(hue, one, saturation) for one in steps))
    return next((one for one in tints if min(contrast(one, card) for card in against) >= _VISIBLE), color)


@lru_cache(maxsize=8)
def theme(color: str) -> str:
    """CSS for a brand colour ("#rrggbb"); an empty string for no or an unreadable colour."""
    match = _HEX.fullmatch(color)
    if not match:
        return ""
    hue, lightness, saturation = colorsys.rgb_to_hls(*_rgb(match[1]))
    light = _tints(hue, lightness, saturation, is_dark=False)
    dark = _tints(hue, lightness, saturation, is_dark=True)
    fills = _fills(hue, lightness, saturation)
    return (
        f":root{{{fills}{light}}}[data-theme=dark]{{{dark}}}"
        f"@media (prefers-color-scheme:dark){{[data-theme=auto]{{{dark}}}}}"
    )


def _fills(hue: float, lightness: float, saturation: float) -> str:
    """Colours that carry white text."""
    brand = _clamped(hue, lightness, saturation, against=("#ffffff",), step=-0.01)
    bright = _clamped(hue + 0.02, lightness + 0.04, saturation, against=("#ffffff",), step=-0.01)
    deep = _clamped(hue, lightness * 0.8, saturation, against=("#ffffff",), step=-0.01)
    glow = _hex(hue + 0.03, min(0.66, lightness + 0.16), saturation)
    return f"--brand:{brand};--brand-hi:{bright};--brand-deep:{deep};--brand-2:{glow};"


def _tints(hue: float, lightness: float, saturation: float, *, is_dark: bool) -> str:
    """Text in the brand's colour, and the soft backgrounds that it reads on."""
    if is_dark:
        soft, line = _hex(hue, 0.15, min(saturation, 0.45)), _hex(hue, 0.24, min(saturation, 0.5))
        text = _clamped(hue, max(lightness, 0.6), saturation, against=(_DARK_CARD, soft), step=0.01)
        return f"--brand-text:{text};--brand-soft:{soft};--brand-line:{line};--on-soft:{text}"
    soft, line = _hex(hue, 0.96, min(saturation, 0.8)), _hex(hue, 0.88, min(saturation, 0.75))
    text = _clamped(hue, lightness, saturation, against=("#ffffff", soft), step=-0.01)
    on_soft = _clamped(hue, lightness * 0.7, saturation, against=(soft, line), step=-0.01)
    return f"--brand-text:{text};--brand-soft:{soft};--brand-line:{line};--on-soft:{on_soft}"


def _etag(request: HttpRequest) -> str:
    return f'"{sha256(theme(brand_color()).encode()).hexdigest()[:16]}"'


@cache_control(public=True, max_age=60)
@condition(etag_func=_etag)
def theme_css(request: HttpRequest) -> HttpResponse:
    """The merchant's colour as a stylesheet; empty when none is set (h5.css has the defaults)."""
    return HttpResponse(theme(brand_color()), content_type="text/css")
