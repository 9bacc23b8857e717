"""Moves a history by whole weeks, so that weekdays stay what they were."""

from datetime import datetime, timedelta

from config.core.time import SHANGHAI
from mall.rules.history.rows import BadFile, History

_EARLIEST_YEAR = 1970
_ABSURD = "移动 {weeks} 周后，日期会早于 1970 年或晚于现在"


def weeks_to_shift(*, last: datetime, now: datetime) -> int:
    """Weeks that bring wall-clock time `last` into the 7 days before aware `now`; negative when it is in the future."""
    gap = now.astimezone(SHANGHAI).replace(tzinfo=None) - last
    return gap // timedelta(weeks=1)


def shanghai(at: datetime, *, weeks: int) -> datetime:
    """The store's wall clock, moved by `weeks`, read as Shanghai time."""
    return (at + timedelta(weeks=weeks)).replace(tzinfo=SHANGHAI)


def check_shift(*, history: History, weeks: int, now: datetime) -> None:
    """Refuse with BadFile a shift that puts a purchase or a first visit before 1970, or a purchase after `now`."""
    first = min([history.invoices[0].at, *history.customers.values()])
    try:
        begins = shanghai(first, weeks=weeks)
        ends = shanghai(history.invoices[-1].at, weeks=weeks)
    except OverflowError as error:
        raise BadFile(_ABSURD.format(weeks=weeks)) from error
    if begins.year < _EARLIEST_YEAR or ends > now:
        raise BadFile(_ABSURD.format(weeks=weeks))
