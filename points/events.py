"""Facts about the ledger. An account is all it knows; members says whose it is."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from config.outbox.events import Event


@dataclass(frozen=True, kw_only=True)
class PointsLapsing(Event):
    """Points of an account will lapse at a moment at most `days` days away: one of the steps at which the shop reminds.

    Each lot is told of once per step; one fact holds all lots of the account that lapse at that moment.
    """

    subject: ClassVar[str] = "account"

    account_id: int
    points: int
    lapses_at: datetime
    days: int
