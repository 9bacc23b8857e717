"""By e-mail, through Django's mail settings."""

import smtplib
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMessage

from config.core.shop import shop_name
from members.rules.outcomes import Outcome, Result
from members.services.message_deliveries import Claim

_FOR_NOW = range(400, 500)


def send(*, claim: Claim, at: datetime) -> Outcome:
    """Hand it to the mail server."""
    if not settings.EMAIL_IS_ON:
        return Outcome(result=Result.REFUSED, reason="没有配置邮件服务器")
    said = claim.payload
    link = f"\n\n{settings.PUBLIC_URL}{said['link']}" if said["link"] and settings.PUBLIC_URL else ""
    mail = EmailMessage(subject=f"【{shop_name()}】{said['subject']}", body=f"{said['text']}{link}", to=[claim.address])
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused:
        return Outcome(result=Result.REFUSED, reason="邮箱地址被邮件服务器拒收")
    except smtplib.SMTPResponseException as error:
        result = Result.TRY_AGAIN if error.smtp_code in _FOR_NOW else Result.REFUSED
        return Outcome(result=result, reason=f"邮件服务器拒绝（{error.smtp_code}）")
    except (smtplib.SMTPConnectError, ConnectionRefusedError):
        return Outcome(result=Result.TRY_AGAIN, reason="连不上邮件服务器")
    except (smtplib.SMTPException, OSError):
        return Outcome(result=Result.UNKNOWN, reason="与邮件服务器的连接中断，不知道是否已发出")
    return Outcome(result=Result.SENT)
