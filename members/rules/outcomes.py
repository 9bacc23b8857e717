"""What may come of handing a message to a provider, and when it is tried again."""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Final

MOST_ATTEMPTS: Final = 5
_FIRST_WAIT: Final = timedelta(minutes=1)
_LONGEST_WAIT: Final = timedelta(hours=2)


class Result(Enum):
    """Sent; refused for now or for good; unwanted by the member; or nobody knows whether it arrived."""

    SENT = "sent"
    TRY_AGAIN = "try_again"
    REFUSED = "refused"
    UNWANTED = "unwanted"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A provider's answer: `reason` in Chinese for staff, `ref` its own number of the message."""

    result: Result
    reason: str = ""
    ref: str = ""


def wait_after(attempts: int) -> timedelta:
    """The wait after the n-th failure: 1, 5, 25 minutes ... up to 2 hours."""
    return min(_FIRST_WAIT * 5.0 ** min(attempts - 1, 6), _LONGEST_WAIT)


def is_last(attempts: int) -> bool:
    """Whether that failure makes it a dead letter."""
    return attempts >= MOST_ATTEMPTS
