"""Moves a history by whole weeks, so that weekdays stay what they were."""

from datetime import datetime, timedelta

from config.core.time import SHANGHAI


def weeks_to_shift(*, last: datetime, now: datetime) -> int:
    """Weeks that bring wall-clock time `last` into the 7 days before aware `now`; negative when it is in the future."""
    gap = now.astimezone(SHANGHAI).replace(tzinfo=None) - last
    return gap // timedelta(weeks=1)


def shanghai(at: datetime, *, weeks: int) -> datetime:
    """The store's wall clock, moved by `weeks`, read as Shanghai time."""
    return (at + timedelta(weeks=weeks)).replace(tzinfo=SHANGHAI)
