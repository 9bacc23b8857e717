"""How a text message leaves the shop. settings.SMS_SENDER names the way."""

import sys
from collections.abc import Callable
from datetime import datetime
from typing import Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string

from members.models import DevMessage


class Sender(Protocol):
    """Sends one text message; may use the network, so it is called outside any transaction."""

    def __call__(self, *, phone: str, text: str, at: datetime) -> None: ...


def send_to_console(*, phone: str, text: str, at: datetime) -> None:
    """Write the message to standard output, and to the dev inbox when there is one. Refused when DEBUG is off."""
    sys.stdout.write(f"SMS {phone}: {text}\n")
    sys.stdout.flush()
    if settings.DEV_INBOX:
        DevMessage.objects.create(recipient=phone, text=text, sent_at=at)


def sender() -> Sender:
    """The sender that settings.SMS_SENDER names: "console", or the dotted path of a function of the shop's own."""
    if settings.SMS_SENDER == "console":
        return send_to_console
    return cast(Callable[..., None], import_string(settings.SMS_SENDER))
