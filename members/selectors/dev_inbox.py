"""The dev inbox."""

from dataclasses import dataclass
from datetime import datetime

from members.models import DevMessage


@dataclass(frozen=True, kw_only=True)
class DevMessageRow:
    """One message that the console sender sent."""

    recipient: str
    text: str
    sent_at: datetime


def latest_messages(*, limit: int) -> list[DevMessageRow]:
    """The newest messages. One query."""
    rows = DevMessage.objects.order_by("-pk").values("recipient", "text", "sent_at")[:limit]
    return [DevMessageRow(**row) for row in rows]
