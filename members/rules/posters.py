"""The poster of an invitation, as SVG: the phone that shows it brings the Chinese font."""

from html import escape

import segno

_WIDTH, _HEIGHT = 750, 1120
_QR_SIDE = 300
_FONT = "PingFang SC,Noto Sans CJK SC,Noto Sans SC,Microsoft YaHei,sans-serif"
_LONGEST_NAME = 12


def invite_poster(*, url: str, shop: str, nickname: str, code: str, gifts: list[str], brand: str, avatar: str) -> str:
    """A self-contained picture; `avatar` is a data URI or empty. Texts are escaped and cut to what fits."""
    name, brand = escape(_cut(nickname, _LONGEST_NAME)), escape(brand)
    lines = "".join(
        f'<text x="375" y="{500 + 46 * number}" font-size="28" fill="#7a2a12">{escape(_cut(gift, 24))}</text>'
        for number, gift in enumerate(gifts[:2])
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
        f' font-family="{_FONT}" text-anchor="middle">'
        f'<defs><linearGradient id="g" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="{brand}"/>'
        f'<stop offset="1" stop-color="{brand}" stop-opacity=".82"/></linearGradient>'
        '<clipPath id="c"><circle cx="375" cy="170" r="74"/></clipPath></defs>'
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>'
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="url(#g)"/>'
        '<circle cx="80" cy="60" r="170" fill="#fff" opacity=".08"/>'
        '<circle cx="700" cy="300" r="120" fill="#fff" opacity=".08"/>'
        f'<circle cx="375" cy="170" r="80" fill="#fff"/>{_avatar(avatar, name)}'
        f'<text x="375" y="306" font-size="34" fill="#fff">{name} 邀请你加入</text>'
        f'<text x="375" y="368" font-size="50" font-weight="700" fill="#fff">{escape(_cut(shop, 12))}</text>'
        '<rect x="55" y="420" width="640" height="630" rx="36" fill="#fff"/>'
        f"{lines}"
        f'<g transform="translate({(_WIDTH - _QR_SIDE) // 2} 590)">{_qr(url)}</g>'
        '<text x="375" y="946" font-size="26" fill="#4a4f59">长按或扫码，注册成为会员</text>'
        f'<text x="375" y="1000" font-size="30" font-weight="700" fill="#1f2329">邀请码 {escape(code)}</text>'
        "</svg>"
    )


def _avatar(avatar: str, name: str) -> str:
    if not avatar:
        return f'<text x="375" y="196" font-size="72" font-weight="700" fill="#7a2a12">{name[:1]}</text>'
    return f'<image href="{escape(avatar)}" x="301" y="96" width="148" height="148" clip-path="url(#c)"/>'


def _qr(url: str) -> str:
    """The QR code as one path, in a square of `_QR_SIDE`."""
    matrix = segno.make(url, error="m", micro=False).matrix
    scale = _QR_SIDE / len(matrix)
    cells = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(matrix) for x, is_dark in enumerate(row) if is_dark)
    return f'<path transform="scale({scale:.4f})" fill="#1f2329" shape-rendering="crispEdges" d="{cells}"/>'


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
