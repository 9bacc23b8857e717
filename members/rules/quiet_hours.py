"""When a message may leave the shop: not at night, unless it is urgent."""

from datetime import datetime, timedelta

from config.core.time import SHANGHAI


def allowed_from(*, at: datetime, starts_hour: int, ends_hour: int) -> datetime:
    """`at` itself outside quiet hours, else the moment they end; hours of Shanghai, equal hours: never quiet."""
    local = at.astimezone(SHANGHAI)
    if not _is_quiet(local.hour, starts_hour, ends_hour):
        return at
    end = local.replace(hour=ends_hour, minute=0, second=0, microsecond=0)
    return end if end > local else end + timedelta(days=1)


def _is_quiet(hour: int, starts: int, ends: int) -> bool:
    if starts <= ends:
        return starts <= hour < ends
    return hour >= starts or hour < ends
