"""By text message, through whoever settings.SMS_SENDER names."""

from datetime import datetime

from members.messaging.doubt import may_have_arrived
from members.rules.outcomes import Outcome, Result
from members.senders.texts import TextNotSent, TextRefused, TextsTooOften
from members.services.message_deliveries import Claim
from members.services.senders import send_text


def send(*, claim: Claim, at: datetime) -> Outcome:
    """Hand it to the company; what broke off after the call had begun may have arrived all the same."""
    said = claim.payload
    try:
        send_text(phone=claim.address, purpose=said["purpose"], values=said["values"], text=said["text"], at=at)
    except TextRefused:
        return Outcome(result=Result.REFUSED, reason="该手机号收不到短信")
    except TextsTooOften:
        return Outcome(result=Result.TRY_AGAIN, reason="该手机号收到的短信过多")
    except TextNotSent as failure:
        if may_have_arrived(failure):
            return Outcome(result=Result.UNKNOWN, reason="短信平台没有应答，不知道是否已发出")
        return Outcome(result=Result.TRY_AGAIN, reason="短信平台没有接受，请检查账号、签名和模板")
    return Outcome(result=Result.SENT)
