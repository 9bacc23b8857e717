"""By WeChat: subscribe messages of the mini-program, template messages of the official account."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Protocol

from django.conf import settings

from members.rules.outcomes import Outcome, Result
from members.rules.wechat_answers import outcome_of
from members.services.message_deliveries import Claim

_SUBSCRIBE: Final = "/cgi-bin/message/subscribe/send"
_OFFICIAL: Final = "/cgi-bin/message/template/send"


class WechatUnreachable(Exception):
    """Nothing was sent: no connection, or no token to call with. The text is for staff."""


class WechatSilent(Exception):
    """The call had begun and was not answered: the message may have arrived."""


class WechatCall(Protocol):
    """Posts JSON to WeChat with the app's token and returns the JSON that it answers, errcode and all.

    Refreshes a token that WeChat calls stale (40001, 42001, 40014) once. Raises WechatUnreachable, WechatSilent.
    """

    def __call__(self, *, app: str, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]: ...


def send_subscribe(*, claim: Claim, at: datetime) -> Outcome:
    """A subscribe message; the member's allowance was taken with the claim."""
    said = claim.payload
    body = {"touser": claim.address, "template_id": said["template_id"], "page": said["page"], "data": said["data"]}
    return _send(app="mini", path=_SUBSCRIBE, body=body)


def send_official(*, claim: Claim, at: datetime) -> Outcome:
    """A template message of the official account, which opens the page of this shop."""
    said = claim.payload
    body = {"touser": claim.address, "template_id": said["template_id"], "data": said["data"]}
    link = page_address(said["page"])
    return _send(app="official", path=_OFFICIAL, body=body | ({"url": link} if link else {}))


def page_address(page: str) -> str:
    """The page's whole address; empty when the shop doesn't know its own, or there is no page."""
    return f"{settings.PUBLIC_URL}/{page}" if settings.PUBLIC_URL and page else ""


def _send(*, app: str, path: str, body: Mapping[str, Any]) -> Outcome:
    if not _callers:
        return Outcome(result=Result.REFUSED, reason="没有配置微信小程序或公众号")
    try:
        answer = _callers[0](app=app, path=path, body=body)
    except WechatUnreachable as failure:
        return Outcome(result=Result.TRY_AGAIN, reason=str(failure)[:100] or "连不上微信")
    except WechatSilent:
        return Outcome(result=Result.UNKNOWN, reason="微信没有应答，不知道是否已送达")
    code = answer.get("errcode", 0)
    is_number = isinstance(code, int) or (isinstance(code, str) and code.lstrip("-").isdigit())
    if not is_number:
        return Outcome(result=Result.UNKNOWN, reason="微信的应答看不懂，不知道是否已送达")
    return outcome_of(code=int(code), text=str(answer.get("errmsg", "")), ref=str(answer.get("msgid", "")))


_callers: list[WechatCall] = []


def fill_call(call: WechatCall | None) -> None:
    """Name who calls WeChat: AppConfig.ready() does, and tests. None: nobody."""
    _callers[:] = [] if call is None else [call]
