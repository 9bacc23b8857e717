"""What campaigns are judged by: who, when, how much, through which channel."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property

from campaigns.rules.definitions import Definition
from config.core.time import local_date


@dataclass(frozen=True, kw_only=True)
class LiveCampaign:
    """A campaign in the version that was live at the occurrence."""

    campaign_id: int
    version_id: int
    definition: Definition


@dataclass(frozen=True, kw_only=True)
class Context:
    """One occurrence as campaigns see it.

    `amount_cents` is the cash for goods (None: the trigger has no amount), `streak` the days checked in in a row,
    `segments` those that the member was in, looked up when a campaign asks; `tier_names` turns tier codes into words.
    """

    at: datetime
    amount_cents: int | None = None
    tier_code: str | None = None
    tier_name: str = ""
    points_multiplier: Decimal = Decimal(1)
    channel: str | None = None
    streak: int | None = None
    segments: frozenset[int] = frozenset()
    rounding: str = "down"
    tier_names: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def day(self) -> date:
        """The Shanghai day of the occurrence."""
        return local_date(self.at)
