"""The ladder: which tier a growth value reaches, what is left to the next, and who moves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from config.core.time import SHANGHAI, add_months, day_start, local_date


@dataclass(frozen=True, kw_only=True)
class Rung:
    """One tier as the arithmetic sees it."""

    id: int
    code: str
    name: str
    rank: int
    threshold: int
    retention_threshold: int | None = None

    @property
    def kept_from(self) -> int:
        """The growth at which a period's end leaves a member here (保级)."""
        return self.threshold if self.retention_threshold is None else self.retention_threshold


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Where a member stands on the ladder; on the top rung `next` is None, `missing` 0 and `percent` 100."""

    current: Rung
    next: Rung | None
    missing: int
    percent: int


def tier_for(*, growth: int, ladder: Sequence[Rung]) -> Rung:
    """The highest rung that `growth` reaches; the lowest one for everybody else."""
    rungs = sorted(ladder, key=lambda rung: rung.rank)
    reached = [rung for rung in rungs if growth >= rung.threshold]
    return reached[-1] if reached else rungs[0]


def progress(*, growth: int, current: Rung, ladder: Sequence[Rung]) -> Progress:
    """How far a member of `current` is from the next rung, as a percentage of the way between the two thresholds."""
    above = sorted((rung for rung in ladder if rung.rank > current.rank), key=lambda rung: rung.rank)
    if not above:
        return Progress(current=current, next=None, missing=0, percent=100)
    following = above[0]
    way = following.threshold - current.threshold
    done = min(max(growth - current.threshold, 0), way)
    return Progress(
        current=current,
        next=following,
        missing=max(following.threshold - growth, 0),
        percent=done * 100 // way if way > 0 else 100,
    )


def raised(*, current: Rung, growth: int, ladder: Sequence[Rung]) -> Rung:
    """The rung after an upward look: never lower than `current`."""
    reached = tier_for(growth=growth, ladder=ladder)
    return reached if reached.rank > current.rank else current


def after_taking_back(*, current: Rung, before: int, after: int, ladder: Sequence[Rung]) -> Rung:
    """The rung after growth fell from `before` to `after` by a refund.

    Lower only when it was the growth taken back that carried the member: who had already outlived the growth of
    `current` keeps it until the qualification period ends.
    """
    if tier_for(growth=before, ladder=ladder).rank < current.rank:
        return current
    return tier_for(growth=after, ladder=ladder)


def at_period_end(*, current: Rung, growth: int, ladder: Sequence[Rung]) -> Rung:
    """The rung after the end of a period: the same, or one below when `growth` doesn't keep it. Never higher."""
    below = sorted((rung for rung in ladder if rung.rank < current.rank), key=lambda rung: rung.rank)
    return below[-1] if below and growth < current.kept_from else current


def window_start(*, at: datetime, months: int) -> datetime | None:
    """Growth earned after this instant decides the tier; None: all of it does."""
    if months == 0:
        return None
    local = at.astimezone(SHANGHAI)
    midnight = day_start(local_date(at))
    return day_start(add_months(local.date(), -months)) + (local - midnight)
