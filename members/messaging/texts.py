"""By text message, through whoever settings.SMS_SENDER names."""

from datetime import datetime

import requests

from members.rules.outcomes import Outcome, Result
from members.senders.texts import TextNotSent, TextRefused, TextsTooOften
from members.services.message_deliveries import Claim
from members.services.senders import send_text


def send(*, claim: Claim, at: datetime) -> Outcome:
    """Hand it to the company; what broke off after the call had begun may have arrived all the same."""
    said = claim.payload
    try:
        send_text(phone=claim.address, purpose=said["purpose"], values=said["values"], text=said["text"], at=at)
    except TextRefused as refusal:
        return Outcome(result=Result.REFUSED, reason=refusal.text)
    except TextsTooOften as refusal:
        return Outcome(result=Result.TRY_AGAIN, reason=refusal.text)
    except TextNotSent as failure:
        return _not_sent(failure.__context__)
    return Outcome(result=Result.SENT)


def _not_sent(cause: BaseException | None) -> Outcome:
    is_before_the_call = not isinstance(cause, requests.RequestException) or isinstance(cause, requests.ConnectTimeout)
    if is_before_the_call:
        return Outcome(result=Result.TRY_AGAIN, reason="短信平台没有接受，请检查账号、签名和模板")
    return Outcome(result=Result.UNKNOWN, reason="短信平台没有应答，不知道是否已发出")
