"""Facts of campaigns. All facts of one campaign stand in the stream `campaign:<id>`."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from config.outbox.events import Event


@dataclass(frozen=True, kw_only=True)
class CampaignStarted(Event):
    """A campaign runs from now on, until `ends_at` when that is known. A weekly campaign starts every week."""

    subject: ClassVar[str] = "campaign"

    campaign_id: int
    name_zh: str
    starts_at: datetime | None
    ends_at: datetime | None
    noticed_at: datetime


@dataclass(frozen=True, kw_only=True)
class CampaignEnded(Event):
    """A campaign does not run any more, or not until its next day."""

    subject: ClassVar[str] = "campaign"

    campaign_id: int
    name_zh: str
    noticed_at: datetime
