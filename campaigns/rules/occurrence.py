"""What happened to whom, as the engine judges it and as the ledger will name it."""

from dataclasses import dataclass
from datetime import datetime

from campaigns.rules.context import Context
from campaigns.rules.evaluate import Decision


@dataclass(frozen=True, kw_only=True)
class Occurrence:
    """One thing that may earn. `name` is unique per member; `at` is when it is booked, `context.at` when judged.

    Points of a pending one can't be spent until they are confirmed.
    """

    member_id: int
    trigger: str
    name: str
    context: Context
    at: datetime
    points_key: str = ""
    growth_key: str = ""
    is_pending: bool = False
    title: str = ""  # what members are told it is for; empty: what their statement calls it

    @property
    def points_posting_key(self) -> str:
        """The ledger key of its points."""
        return self.points_key or self.name

    @property
    def growth_posting_key(self) -> str:
        """The ledger key of its growth."""
        return self.growth_key or self.name


@dataclass(frozen=True, kw_only=True)
class Decided:
    """An occurrence with what the campaigns decided."""

    occurrence: Occurrence
    decision: Decision
