"""By WeChat: subscribe messages of the mini-program, template messages of the official account."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.conf import settings

from members.messaging.doubt import may_have_arrived
from members.rules.outcomes import Outcome, Result
from members.rules.wechat_answers import outcome_of
from members.services.message_deliveries import Claim
from members.wechat.apps import App, mini_program, official_account
from members.wechat.refusals import WechatRefused, WechatSwitchedOff
from members.wechat.tokens import access_token, call_with_token

_SUBSCRIBE: Final = "/cgi-bin/message/subscribe/send"
_OFFICIAL: Final = "/cgi-bin/message/template/send"
_SWITCHED_OFF: Final = Outcome(result=Result.REFUSED, reason="没有配置微信小程序或公众号")


def send_subscribe(*, claim: Claim, at: datetime) -> Outcome:
    """A subscribe message; the member's allowance was taken with the claim."""
    said = claim.payload
    body = {"touser": claim.address, "template_id": said["template_id"], "page": said["page"], "data": said["data"]}
    try:
        return _send(mini_program(), _SUBSCRIBE, body)
    except WechatSwitchedOff:
        return _SWITCHED_OFF


def send_official(*, claim: Claim, at: datetime) -> Outcome:
    """A template message of the official account; it opens the page when the shop knows its own address."""
    said = claim.payload
    body = {"touser": claim.address, "template_id": said["template_id"], "data": said["data"]}
    if settings.PUBLIC_URL and said["page"]:
        body["url"] = f"{settings.PUBLIC_URL}/{said['page']}"
    try:
        return _send(official_account(), _OFFICIAL, body)
    except WechatSwitchedOff:
        return _SWITCHED_OFF


def _send(app: App, path: str, body: Mapping[str, Any]) -> Outcome:
    try:
        access_token(app)
    except WechatRefused as refusal:  # before the call: nothing was sent
        return Outcome(result=Result.TRY_AGAIN, reason=f"拿不到微信凭证（{refusal.facts['errcode']}）")
    try:
        answer = call_with_token(app, path, body)
    except WechatRefused as refusal:
        if may_have_arrived(refusal):
            return Outcome(result=Result.UNKNOWN, reason="微信没有应答，不知道是否已送达")
        return outcome_of(code=int(refusal.facts["errcode"]))
    return outcome_of(code=0, ref=str(answer.get("msgid", "")))
