"""How a text message leaves the shop. settings.SMS_SENDER names the way."""

import logging
import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, cast

from django.conf import settings
from django.utils.module_loading import import_string

from config.core.errors import DomainError
from members.models import DevMessage
from members.senders import aliyun, tencent
from members.senders.texts import Account, Text, TextNotSent

logger = logging.getLogger(__name__)

_COMPANIES: Final[Mapping[str, Callable[..., None]]] = {"aliyun": aliyun.send, "tencent": tencent.send}


def send_text(*, phone: str, purpose: str, values: Mapping[str, str], text: str, at: datetime) -> None:
    """Send one message; it may use the network, so call it outside any transaction.

    `text` is what a person reads; companies fill their template of `purpose` with `values`. Raises TextNotSent,
    TextRefused, TextsTooOften.
    """
    company = _COMPANIES.get(settings.SMS_SENDER)
    if company is not None:
        message = Text(phone=phone, purpose=purpose, values=values, text=text)
        company(text=message, account=Account(**settings.SMS_ACCOUNT), at=at)
    elif settings.SMS_SENDER == "console":
        send_to_console(phone=phone, text=text, at=at)
    else:
        _send_by_own_function(phone=phone, text=text, at=at)


def send_to_console(*, phone: str, text: str, at: datetime) -> None:
    """Write the message to standard output, and to the dev inbox when there is one. Refused when DEBUG is off."""
    sys.stdout.write(f"SMS {phone}: {text}\n")
    sys.stdout.flush()
    if settings.DEV_INBOX:
        DevMessage.objects.create(recipient=phone, text=text, sent_at=at)


def _send_by_own_function(**message: Any) -> None:
    """By the function of the shop's own that the setting names. Whatever it raises means: not sent."""
    function = cast(Callable[..., None], import_string(settings.SMS_SENDER))
    try:
        function(**message)
    except DomainError:
        raise
    except Exception as error:  # foreign code; its text may quote the phone
        logger.error("text message not sent", extra={"reason": type(error).__name__})
        raise TextNotSent() from None
