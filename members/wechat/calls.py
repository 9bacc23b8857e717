"""One call of WeChat's API: its codes read however they are written, and patience when it is busy."""

import json
import logging
import time
from collections.abc import Mapping
from typing import Any, Final

from django.conf import settings

from members.outgoing import NoAnswer, ask
from members.wechat.refusals import BUSY, WechatBusy, refusal_of

logger = logging.getLogger(__name__)

_PAUSES: Final = (0.1, 0.4)  # seconds before the second and the third try


def call(
    method: str, path: str, *, query: Mapping[str, str] | None = None, body: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The answer of a call that worked; tried again twice while WeChat is busy. Raises WechatRefused and its kinds."""
    answer = _patiently(method, path, query, body)
    errcode = errcode_of(answer)
    if errcode:
        raise refusal_of(errcode=errcode, path=path)
    return answer


def errcode_of(answer: Mapping[str, Any]) -> int:
    """The error code, a number or digits in a text; none means none."""
    return whole_in(answer, "errcode")


def whole_in(answer: Mapping[str, Any], name: str) -> int:
    """A number of the answer, however it is written; 0 for none and for what is no number."""
    try:
        return int(answer.get(name) or 0)
    except (OverflowError, TypeError, ValueError):
        return 0


def _patiently(
    method: str, path: str, query: Mapping[str, str] | None, body: Mapping[str, Any] | None
) -> dict[str, Any]:
    content = json.dumps(body, ensure_ascii=False).encode() if body is not None else b""
    headers = {"content-type": "application/json"} if body is not None else {}
    answer: dict[str, Any] = {"errcode": BUSY}
    for pause in (*_PAUSES, None):
        try:
            answer = ask(method, f"{settings.WECHAT['base_url']}{path}", query=query, headers=headers, body=content)
        except NoAnswer as error:
            logger.error("WeChat does not answer", extra={"call": path, "reason": error.reason})
            if error.has_arrived:  # a code that is used once must not be sent twice
                raise WechatBusy(errcode=BUSY) from None
        if errcode_of(answer) != BUSY or pause is None:
            break
        time.sleep(pause)
    return answer
