"""What a member is told of a device: a name they recognise, and roughly where it was."""

import ipaddress
import re
from typing import Final

_SYSTEMS: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("HarmonyOS", "鸿蒙手机"),
    ("OpenHarmony", "鸿蒙手机"),
    ("Android", "安卓手机"),
    ("Windows", "Windows 电脑"),
    ("Macintosh", "Mac 电脑"),
    ("CrOS", "Chromebook"),
    ("Linux", "Linux 电脑"),
)
_BROWSERS: Final = (
    ("miniProgram", "微信小程序"),
    ("MiniProgramEnv", "微信小程序"),
    ("MicroMessenger", "微信"),
    ("AlipayClient", "支付宝"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
)
_UNSEEN: Final = re.compile(r"[\s\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")
_MOST: Final = 40


def device_name(*, user_agent: str, said: str = "") -> str:
    """ "iPhone · 微信", or what an app says of itself; 未知设备 when neither tells."""
    own = _UNSEEN.sub(" ", said).strip()[:_MOST]
    if own:
        return own
    parts = [_first(_SYSTEMS, user_agent), _first(_BROWSERS, user_agent)]
    return " · ".join(part for part in parts if part) or "未知设备"


def is_wechat(user_agent: str) -> bool:
    """Whether a page is open inside WeChat."""
    return "MicroMessenger" in user_agent


def masked_address(address: str) -> str:
    """203.0.113.*, or the first three groups of an IPv6 address; empty for what is no address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if parsed.version == 4:
        return f"{str(parsed).rpartition('.')[0]}.*"
    return ":".join(parsed.exploded.split(":")[:3]) + ":*"


def _first(known: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for mark, name in known if mark in user_agent), "")
