"""What WeChat's error codes mean to a member."""

import logging
from collections.abc import Mapping
from typing import ClassVar, Final

from config.core.errors import DomainError

logger = logging.getLogger(__name__)


class WechatRefused(DomainError):
    """WeChat answered with an error code that no sentence is made for. Facts: errcode."""

    code: ClassVar[str] = "wechat_refused"
    message: ClassVar[str] = "微信没有完成这次操作，请稍后再试或改用手机号验证码登录"
    http_status: ClassVar[int] = 502


class WechatCodeSpent(WechatRefused):
    """The code was used before, is older than five minutes, or is another app's."""

    code: ClassVar[str] = "wechat_code_spent"
    message: ClassVar[str] = "微信授权已失效，请重新点一次"
    http_status: ClassVar[int] = 400
    field: ClassVar[str | None] = "code"


class WechatTooOften(WechatRefused):
    """This person has asked WeChat too often within a minute."""

    code: ClassVar[str] = "wechat_too_often"
    message: ClassVar[str] = "操作太频繁，请一分钟后再试"
    http_status: ClassVar[int] = 429
    public_facts: ClassVar[Mapping[str, str]] = {"seconds": "多少秒后再试"}


class WechatRiskyUser(WechatRefused):
    """WeChat takes this person for a risk."""

    code: ClassVar[str] = "wechat_risky_user"
    message: ClassVar[str] = "微信限制了该账号登录，请改用手机号验证码登录"
    http_status: ClassVar[int] = 403


class WechatBusy(WechatRefused):
    """WeChat did not answer, or said three times that it is busy."""

    code: ClassVar[str] = "wechat_busy"
    message: ClassVar[str] = "微信暂时没有响应，请稍后再试"
    http_status: ClassVar[int] = 503


class WechatUnusable(WechatRefused):
    """WeChat refuses the shop's app, secret or token, or its quota is used up: staff must act."""

    code: ClassVar[str] = "wechat_unusable"
    message: ClassVar[str] = "微信登录暂不可用，请改用手机号验证码登录"
    http_status: ClassVar[int] = 503


class WechatSwitchedOff(DomainError):
    """The shop has no such app."""

    code: ClassVar[str] = "wechat_switched_off"
    message: ClassVar[str] = "商家没有开通微信登录，请使用手机号验证码登录"
    http_status: ClassVar[int] = 404


BUSY: Final = -1
TOKEN_WORTHLESS: Final = frozenset({40001, 40014, 42001})
_MEANING: Final[Mapping[int, type[WechatRefused]]] = {
    BUSY: WechatBusy,
    40029: WechatCodeSpent,
    40163: WechatCodeSpent,
    41008: WechatCodeSpent,
    42003: WechatCodeSpent,
    45011: WechatTooOften,
    40226: WechatRiskyUser,
    **dict.fromkeys((40001, 40013, 40014, 40125, 40164, 41002, 41004, 42001, 45009, 48001, 50002), WechatUnusable),
}


def refusal_of(*, errcode: int, path: str) -> WechatRefused:
    """The refusal that a code stands for; staff find the code in the log."""
    kind = _MEANING.get(errcode, WechatRefused)
    level = logging.WARNING if kind in (WechatCodeSpent, WechatTooOften, WechatRiskyUser) else logging.ERROR
    logger.log(level, "WeChat refused", extra={"errcode": errcode, "call": path})
    return kind(errcode=errcode, seconds=60)
