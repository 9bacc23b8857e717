"""Who somebody is at WeChat: in the mini-program, on pages inside WeChat, and by phone."""

from typing import Any, ClassVar, NamedTuple
from urllib.parse import urlencode

from django.conf import settings

from config.core.errors import DomainError
from members.wechat.apps import App, mini_program, official_account
from members.wechat.calls import call
from members.wechat.refusals import WechatCodeSpent, WechatRefused
from members.wechat.tokens import call_with_token

_MOST = 128  # characters of a code that are worth sending


class ForeignPhone(DomainError):
    """The phone at WeChat is none of mainland China."""

    code: ClassVar[str] = "foreign_phone"
    message: ClassVar[str] = "目前只支持中国大陆手机号，请换一个手机号"
    http_status: ClassVar[int] = 400
    field: ClassVar[str | None] = "phone_code"


class Person(NamedTuple):
    """One person in one app; `unionid` is the same in all apps of the shop's company, and often missing."""

    openid: str
    unionid: str


def of_mini_program(code: str) -> Person:
    """Whom the code of wx.login stands for. The session key is dropped. Raises WechatRefused and its kinds."""
    app = mini_program()
    query = {"appid": app.app_id, "secret": app.secret, "js_code": _bounded(code), "grant_type": "authorization_code"}
    return _person(call("GET", "/sns/jscode2session", query=query))


def of_page(code: str) -> Person:
    """Whom the code of the page's authorization stands for. Raises WechatRefused and its kinds."""
    app = official_account()
    query = {"appid": app.app_id, "secret": app.secret, "code": _bounded(code), "grant_type": "authorization_code"}
    return _person(call("GET", "/sns/oauth2/access_token", query=query))


def phone_of(code: str) -> str:
    """The mainland number behind the code of the phone button. Raises ForeignPhone, WechatRefused and its kinds."""
    app: App = mini_program()
    answer = call_with_token(app, "/wxa/business/getuserphonenumber", {"code": _bounded(code)})
    found = answer.get("phone_info")
    phone: dict[str, Any] = found if isinstance(found, dict) else {}
    if not phone.get("purePhoneNumber"):
        raise WechatRefused(errcode=0)
    if str(phone.get("countryCode", "")) != "86":
        raise ForeignPhone()
    return str(phone["purePhoneNumber"])


def authorize_address(*, back_to: str, state: str) -> str:
    """Where a page inside WeChat sends a person, to come back to `back_to` with a code and this state, unasked."""
    query = {
        "appid": official_account().app_id,
        "redirect_uri": back_to,
        "response_type": "code",
        "scope": "snsapi_base",
        "state": state,
    }
    return f"{settings.WECHAT['authorize_url']}?{urlencode(query)}#wechat_redirect"


def _person(answer: dict[str, Any]) -> Person:
    openid = str(answer.get("openid") or "")
    if not openid:
        raise WechatRefused(errcode=0)
    return Person(openid=openid, unionid=str(answer.get("unionid") or ""))


def _bounded(code: str) -> str:
    if not code or len(code) > _MOST:
        raise WechatCodeSpent(errcode=40029)
    return code
